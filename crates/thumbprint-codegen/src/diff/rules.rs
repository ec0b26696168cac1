//! What each kind of change means. This table is the only place that decides it.

/// What a change does to those who meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// Nothing.
    Same,
    /// Something is new or different, and what worked goes on working.
    Adds,
    /// Something that worked does not work any more.
    Breaks,
}
use Impact::{Adds, Breaks, Same};

/// Which way the changed element travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// In requests.
    Sent,
    /// In answers.
    Received,
    /// In both, or in nothing that an operation meets.
    Both,
}

impl Side {
    /// The side of an element that travels both ways.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

/// What a change means to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// To programs that call the crates: do they still compile, and mean the same?
    pub callers: Impact,
    /// To a client of the last release, meeting a service that does as the new document says.
    pub wire: Impact,
}

/// The part of a version that a change asks for, in the words of semver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bump {
    /// Documentation, and what no caller meets.
    Patch,
    /// The API grows, or programs that compile as before meet another wire.
    Minor,
    /// Programs that call the crates have to be edited.
    Major,
}

impl Bump {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// The version after `version`. Cargo takes the second component of 0.x for the breaking one, so a
    /// major bump is 0.1.0 -> 0.2.0 there, and every other bump 0.1.0 -> 0.1.1.
    #[must_use]
    pub fn after(self, version: &str) -> Option<String> {
        let core = version.split(['-', '+']).next()?;
        let mut parts = core.split('.').map(|part| part.parse::<u64>().ok());
        let (major, minor, patch) = (parts.next()??, parts.next()??, parts.next()??);
        Some(match (self, major) {
            (Self::Major, 0) => format!("0.{}.0", minor + 1),
            (_, 0) | (Self::Patch, _) => format!("{major}.{minor}.{}", patch + 1),
            (Self::Major, _) => format!("{}.0.0", major + 1),
            (Self::Minor, _) => format!("{major}.{}.0", minor + 1),
        })
    }
}

impl Verdict {
    /// Semver counts what callers compile against; a wire that changes under a program which compiles as
    /// before is worth a minor bump, for nothing of the program has to be edited.
    #[must_use]
    pub fn bump(self) -> Bump {
        match (self.callers, self.wire) {
            (Breaks, _) => Bump::Major,
            (Same, Same) => Bump::Patch,
            _ => Bump::Minor,
        }
    }
}

macro_rules! rules {
    ($($kind:ident $title:literal, $sc:ident $sw:ident, $rc:ident $rw:ident, $why:literal;)*) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the table's second column says it")]
        pub enum Kind { $($kind,)* }

        impl Kind {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// What happened, in the words of the report.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }

            /// Why it means what it means.
            #[must_use]
            pub fn reason(self) -> &'static str {
                match self { $(Self::$kind => $why,)* }
            }

            fn verdicts(self) -> (Verdict, Verdict) {
                match self {
                    $(Self::$kind => (
                        Verdict { callers: $sc, wire: $sw },
                        Verdict { callers: $rc, wire: $rw },
                    ),)*
                }
            }
        }
    };
}

impl Kind {
    /// What it means for an element that travels as `side` says; both ways, the worse of the two.
    #[must_use]
    pub fn verdict(self, side: Side) -> Verdict {
        let (sent, received) = self.verdicts();
        match side {
            Side::Sent => sent,
            Side::Received => received,
            Side::Both => Verdict {
                callers: sent.callers.max(received.callers),
                wire: sent.wire.max(received.wire),
            },
        }
    }
}

rules! {
//  kind                  what happened                        sent: callers, wire  received        because
    DocumentAdded         "API added",                         Adds Adds,           Adds Adds,      "its crates are new";
    DocumentRemoved       "API removed",                       Breaks Breaks,       Breaks Breaks,  "its crates go";
    OperationAdded        "operation added",                   Adds Adds,           Adds Adds,      "the client gains a method";
    OperationRemoved      "operation removed",                 Breaks Breaks,       Breaks Breaks,  "the client loses a method";
    OperationRenamed      "operation renamed",                 Breaks Same,         Breaks Same,    "the method is named by the operation id, which is never sent";
    RouteChanged          "route changed",                     Same Breaks,         Same Breaks,    "the method stays, but asks elsewhere";
    OperationDeprecated   "deprecated",                        Adds Same,           Adds Same,      "callers get a warning, and everything works on";
    Undeprecated          "no longer deprecated",              Adds Same,           Adds Same,      "a warning goes";
    VersionChanged        "version changed",                   Same Adds,           Same Adds,      "what the service does can follow its version; what is sent stands in parameters";

    ServerAdded           "server added",                      Same Adds,           Same Adds,      "callers name their server; one more can be named";
    ServerRemoved         "server removed",                    Same Breaks,         Same Breaks,    "programs that call there get no answer";
    ServerChanged         "server changed",                    Same Breaks,         Same Breaks,    "variables and their defaults make up the address";
    SecurityAdded         "alternative added",                 Same Adds,           Same Adds,      "credentials that were taken are still taken";
    SecurityRemoved       "alternative removed",               Same Breaks,         Same Breaks,    "credentials of this scheme are refused from now on";
    SecurityStarted       "credentials now required",          Same Breaks,         Same Breaks,    "requests without credentials are refused from now on";
    SecurityStopped       "credentials no longer required",    Same Adds,           Same Adds,      "credentials are neither sent nor asked for any more";
    SchemeChanged         "security scheme changed",           Same Breaks,         Same Breaks,    "credentials are made or sent another way";

    ParameterAdded        "optional parameter added",          Adds Adds,           Adds Adds,      "a builder leaves unset what it was never told";
    RequiredParameterAdded "required parameter added",          Breaks Breaks,       Breaks Breaks,  "a call without it is refused, by the builder and by the service";
    ParameterRemoved      "parameter removed",                 Breaks Breaks,       Breaks Breaks,  "its setter goes, and the service does not know it";
    ParameterRenamed      "path parameter renamed",            Breaks Same,         Breaks Same,    "its setter is named by it; the path carries only the value";
    ParameterRequired     "parameter became required",         Breaks Breaks,       Breaks Breaks,  "calls that leave it out are refused";
    ParameterOptional     "parameter became optional",         Adds Adds,           Adds Adds,      "the setter takes the same values, and need not be called";
    SpellingChanged       "serialisation changed",             Same Breaks,         Same Breaks,    "style, explode and encoding decide the bytes, not the types";

    BodyAdded             "body added",                        Adds Adds,           Breaks Adds,    "a request may carry one; an answer's type was `()`";
    RequiredBodyAdded     "required body added",               Breaks Breaks,       Breaks Breaks,  "a request without it is refused";
    BodyRemoved           "body removed",                      Breaks Breaks,       Breaks Breaks,  "the setter goes; an answer's type becomes `()`";
    BodyRequired          "body became required",              Breaks Breaks,       Breaks Breaks,  "calls that leave it out are refused";
    BodyOptional          "body became optional",              Breaks Adds,         Breaks Adds,    "the builder's body has another type";
    BodyReshaped          "body is JSON no more, or now",      Breaks Breaks,       Breaks Breaks,  "JSON has a type of its own, everything else is bytes";
    MediaTypeAdded        "media type added",                  Same Adds,           Same Adds,      "the first JSON type is what the client speaks";
    MediaTypeRemoved      "media type removed",                Same Breaks,         Same Breaks,    "the other side answers 415 or 406, or sends what is not decoded";
    MediaTypeReformatted  "media type has other parameters",   Same Breaks,         Same Adds,      "it is sent letter by letter, and compared without parameters when received";

    SuccessAdded          "success added",                     Adds Breaks,         Adds Breaks,    "an older client takes the status for an unexpected one";
    SuccessRemoved        "success removed",                   Breaks Breaks,       Breaks Breaks,  "what callers wait for does not come";
    ErrorAdded            "error added",                       Adds Adds,           Adds Adds,      "it was an unexpected status, and is typed now";
    ErrorRemoved          "error removed",                     Adds Breaks,         Adds Breaks,    "should it come after all, its body is not read any more";
    HeaderAdded           "header added",                      Adds Adds,           Adds Adds,      "one more accessor; who does not ask does not see it";
    HeaderRemoved         "header removed",                    Breaks Breaks,       Breaks Breaks,  "its accessor goes";
    HeaderRequired        "header is always sent",             Same Adds,           Same Adds,      "every typed header is an `Option`";
    HeaderOptional        "header is not always sent",         Same Breaks,         Same Breaks,    "every typed header is an `Option`, but it may have been counted on";

    SchemaAdded           "type added",                        Adds Same,           Adds Same,      "a name more in the crate's `types`";
    SchemaRemoved         "type removed",                      Breaks Same,         Breaks Same,    "programs can name it no longer; what travels, the places that used it say";
    SchemaRenamed         "type has another name",             Breaks Same,         Breaks Same,    "programs name it; what travels has no such name";
    TypeChanged           "type changed",                      Breaks Breaks,       Breaks Breaks,  "another Rust type, and other values";
    FormatChanged         "format changed",                    Breaks Breaks,       Breaks Breaks,  "the format chooses the Rust type and the form of the value";
    FieldAdded            "optional field added",              Adds Adds,           Adds Adds,      "older clients send nothing and skip what they do not know";
    FieldDemanded         "required field added",              Breaks Breaks,       Adds Adds,      "a request without it is refused; a reader gains";
    FieldRemoved          "field removed",                     Breaks Breaks,       Breaks Breaks,  "programs that write or read it do not compile";
    FieldRequired         "field became required",             Breaks Breaks,       Breaks Same,    "`Option<T>` becomes `T`; an answer only promises more";
    FieldOptional         "field became optional",             Breaks Adds,         Breaks Breaks,  "`T` becomes `Option<T>`; an older reader refuses an answer without it";
    NullableAdded         "null allowed",                      Breaks Adds,         Breaks Breaks,  "`T` becomes `Option<T>`; an older reader refuses a null";
    NullableRemoved       "null no longer allowed",            Breaks Breaks,       Breaks Same,    "`Option<T>` becomes `T`; the service refuses a null";
    EnumStarted           "enumeration introduced",            Breaks Breaks,       Breaks Same,    "text becomes a type of its own, which other words do not fit";
    EnumStopped           "enumeration dropped",               Breaks Adds,         Breaks Breaks,  "its type becomes plain text; an older reader refuses other words";
    EnumOpened            "enumeration opened",                Breaks Adds,         Breaks Adds,    "a variant for unknown words is one more that a `match` has to take";
    EnumClosed            "enumeration closed",                Breaks Breaks,       Breaks Breaks,  "the variant for unknown words goes, and such words are refused";
    OpenMemberAdded       "member added to an open enumeration", Adds Adds,         Adds Adds,      "the type is `#[non_exhaustive]`; an older client keeps the word as an unknown one";
    ClosedMemberAdded     "member added to a closed enumeration", Breaks Adds,      Breaks Breaks,  "a `match` over all variants does not compile; an older reader refuses the word";
    MemberRemoved         "member removed from an enumeration", Breaks Breaks,      Breaks Same,    "its variant goes; the service refuses the word";
    MembersReordered      "members of an enumeration in another order", Adds Same,  Adds Same,      "the derived `Ord` follows the order";
    VariantsRenamed       "variants have other names",         Breaks Same,         Breaks Same,    "`x-enum-names` names them in code only";
    PatternAdded          "pattern added",                     Breaks Breaks,       Breaks Same,    "checked text is a type of its own; an answer only promises more";
    PatternRemoved        "pattern removed",                   Breaks Adds,         Breaks Breaks,  "checked text becomes plain text; an older reader checks the old pattern";
    PatternChanged        "pattern changed",                   Breaks Breaks,       Breaks Breaks,  "which texts fit is another question, and patterns cannot be compared";
    BoundTightened        "bound tightened",                   Breaks Breaks,       Same Same,      "values that were taken are refused";
    BoundLoosened         "bound loosened",                    Adds Adds,           Adds Breaks,    "an older reader refuses values beyond the old bound";
    TypedBoundTightened   "bound of an integer or array tightened", Breaks Breaks,  Breaks Same,    "bounds choose the Rust type: `minimum: 1` makes it `NonZero`";
    TypedBoundLoosened    "bound of an integer or array loosened", Breaks Adds,     Breaks Breaks,  "bounds choose the Rust type: `minimum: 1` makes it `NonZero`";
    DefaultAdded          "default added",                     Breaks Adds,         Breaks Same,    "an optional field with a default is a `T`, and one without an `Option<T>`";
    DefaultRemoved        "default removed",                   Breaks Breaks,       Breaks Same,    "an optional field with a default is a `T`, and one without an `Option<T>`";
    DefaultChanged        "default changed",                   Same Breaks,         Adds Same,      "a caller who says nothing sends another value; an absent one is read as another";
    MembersOpened         "further properties are described differently", Breaks Breaks, Breaks Breaks, "a map of further properties, or their refusal, is a part of the type";
    CompositionChanged    "composition changed",               Breaks Breaks,       Breaks Breaks,  "`allOf`, `oneOf`, `anyOf`, `not` and `discriminator` make the type";
    AccessChanged         "`readOnly`, `writeOnly` or `xml` changed", Same Breaks,  Same Breaks,    "the types do not know of it, the service does";
    TitleChanged          "title changed",                     Breaks Same,         Breaks Same,    "a type without a name of its own is named by its title";
    SchemaDeprecated      "element's deprecation changed",     Adds Same,           Adds Same,      "the code of it is `#[deprecated]`, or is so no more";
    BuilderChanged        "builder changed",                   Breaks Same,         Breaks Same,    "a setter has another name, a value may be absent, or a list is read by pages";
    SensitivityChanged    "`x-sensitive` changed",             Adds Same,           Adds Same,      "`Debug` shows the value, or hides it";
    ItemChanged           "public items removed or changed",   Breaks Same,         Breaks Same,    "programs that name them do not compile";

    Documentation         "documentation",                     Same Same,           Same Same,      "text and examples";
    Extension             "extension",                         Same Same,           Same Same,      "only our own tools read it";
    Reformatted           "said another way",                  Same Same,           Same Same,      "no operation and no type meets the difference";
    ReferenceBroken       "reference leads nowhere, or did",   Breaks Breaks,       Breaks Breaks,  "nothing can be made of what is not there";
    Unknown               "changed, in a way that the table does not know", Breaks Breaks, Breaks Breaks, "it counts as a break until it has a row of its own";
}
