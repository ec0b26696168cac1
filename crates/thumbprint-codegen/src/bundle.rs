//! Documents of several files as one: what a reference into another file leads to becomes a component. Files are
//! read from the document's own folder and below it, from nowhere else.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{
    document::{Document, ENDINGS},
    grammar::{self, Dialect, Kind, join, members, reference},
};

/// What a document may keep for several places.
const SHARED: [Kind; 7] = [
    Kind::Schema,
    Kind::Parameter,
    Kind::Response,
    Kind::Header,
    Kind::Body,
    Kind::Example,
    Kind::SecurityScheme,
];

/// Bundles a document with all the files that it refers to: `file` is where it was read from. `None` if it refers
/// to none.
pub fn bundle(document: &Value, file: &Path) -> Result<Option<Value>> {
    let mut is_alone = true;
    grammar::walk(document, "", Kind::Root, &mut |value, _, kind| {
        let mapped = members(&value["mapping"]).filter(|_| kind == Kind::Discriminator);
        let mut led = mapped
            .filter_map(|(_, target)| led_to(target))
            .chain(reference(value));
        is_alone &= led.all(|reference| reference.starts_with('#'));
        is_alone && kind != Kind::Data
    });
    if is_alone {
        return Ok(None);
    }
    let file = file
        .canonicalize()
        .with_context(|| file.display().to_string())?;
    let folder = file.parent().context("a file has a folder")?.to_owned();
    let dialect = Dialect::of(document);
    let groups = || {
        SHARED
            .into_iter()
            .filter_map(|kind| Some((kind, kind.shared(dialect)?)))
    };
    let taken = groups().flat_map(|(kind, at)| {
        let group = document.pointer(at).unwrap_or(&Value::Null);
        members(group).map(move |(name, _)| (kind, name.clone()))
    });
    let mut bundle = Bundle {
        dialect,
        files: BTreeMap::from([(file.clone(), document.clone())]),
        root: file.clone(),
        folder,
        names: HashMap::new(),
        taken: taken.collect(),
        within: Vec::new(),
        added: Vec::new(),
    };
    let mut whole = document.clone();
    for (kind, at) in groups() {
        if let Some(group) = whole.pointer_mut(at) {
            bundle.group(group, kind, at)?;
        }
    }
    bundle.rewrite(&mut whole, &file, "", Kind::Root)?;
    if bundle.added.is_empty() && bundle.files.len() == 1 {
        return Ok(None);
    }
    for (at, name, value) in bundle.added {
        let group = at.split('/').skip(1).fold(&mut whole, |value, word| {
            if !value.is_object() {
                *value = json!({});
            }
            &mut value[word]
        });
        if !group.is_object() {
            *group = json!({});
        }
        group[name] = value;
    }
    Ok(Some(whole))
}

/// The reference that a value of a discriminator leads to, if it is no name.
fn led_to(target: &Value) -> Option<&str> {
    let is_file = |text: &str| {
        ENDINGS
            .iter()
            .any(|ending| text.ends_with(&format!(".{ending}")))
    };
    target
        .as_str()
        .filter(|text| text.contains('#') || is_file(text))
}

struct Bundle {
    dialect: Dialect,
    /// All files that were read.
    files: BTreeMap<PathBuf, Value>,
    root: PathBuf,
    /// The document's folder.
    folder: PathBuf,
    /// The component that each place of another file became.
    names: HashMap<(PathBuf, String, Kind), String>,
    taken: HashSet<(Kind, String)>,
    /// What is being put in where it is referred to, as a document does not keep its kind for several places.
    within: Vec<(PathBuf, String)>,
    /// The components that came in: their group, their name and themselves.
    added: Vec<(&'static str, String, Value)>,
}

impl Bundle {
    /// Takes in what the document's own components refer to: a whole group (`schemas: {$ref: schemas.yaml}`), or one
    /// that is a file (`Pet: {$ref: pet.yaml}`). Whoever else refers to that place gets the component of that name.
    fn group(&mut self, group: &mut Value, kind: Kind, at: &str) -> Result<()> {
        let root = self.root.clone();
        if let Some((target, pointer)) = self.outside(group, &root)? {
            let content = self.find(&target, &pointer)?;
            for (name, _) in members(&content) {
                let key = (target.clone(), join(&pointer, name), kind);
                self.names.insert(key, name.clone());
                self.taken.insert((kind, name.clone()));
            }
            *group = content;
            for (name, value) in group.as_object_mut().into_iter().flatten() {
                self.rewrite(value, &target, &join(&pointer, name), kind)?;
            }
            return Ok(());
        }
        let mut named = Vec::new();
        for (name, value) in members(group) {
            let led = self.outside(value, &root);
            let led = led.with_context(|| format!("{}#{}", root.display(), join(at, name)))?;
            if let Some((target, pointer)) = led {
                let key = (target.clone(), pointer.clone(), kind);
                self.names.entry(key).or_insert_with(|| name.clone());
                named.push((name.clone(), target, pointer));
            }
        }
        for (name, target, pointer) in named {
            let mut content = self.find(&target, &pointer)?;
            self.rewrite(&mut content, &target, &pointer, kind)?;
            group[name] = content;
        }
        Ok(())
    }

    /// The place in another file that a value refers to, if it does nothing but that.
    fn outside(&mut self, value: &Value, file: &Path) -> Result<Option<(PathBuf, String)>> {
        let Some(reference) = reference(value) else {
            return Ok(None);
        };
        let (target, pointer) = self.place(reference, file)?;
        Ok((target != self.root).then_some((target, pointer)))
    }

    /// The file and the place in it that a reference of `file` leads to.
    fn place(&mut self, reference: &str, file: &Path) -> Result<(PathBuf, String)> {
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if path.is_empty() {
            file.to_owned()
        } else {
            self.open(path, file)?
        };
        Ok((
            target,
            percent_decode_str(pointer).decode_utf8()?.into_owned(),
        ))
    }

    fn find(&self, file: &Path, pointer: &str) -> Result<Value> {
        let found = self
            .files
            .get(file)
            .and_then(|value| value.pointer(pointer));
        found.cloned().with_context(|| {
            format!(
                "{} has no `#{pointer}`; write what a reference should lead to, or mend it",
                file.display()
            )
        })
    }

    /// Rewrites the references of a value of `file`.
    fn rewrite(&mut self, value: &mut Value, file: &Path, at: &str, kind: Kind) -> Result<()> {
        if kind == Kind::Data {
            return Ok(());
        }
        if let Some(reference) = reference(value).map(str::to_owned) {
            let led = self.lead(&reference, file, kind);
            match led.with_context(|| format!("{}#{at}", file.display()))? {
                Led::To(reference) => value["$ref"] = reference.into(),
                Led::Replaced(mut with) => {
                    // What stands beside the reference counts.
                    for (key, beside) in members(value).filter(|(key, _)| *key != "$ref") {
                        with[key] = beside.clone();
                    }
                    *value = with;
                }
            }
            return Ok(());
        }
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.rewrite(item, file, &format!("{at}/{index}"), kind.item())?;
                }
            }
            Value::Object(object) => {
                for (key, value) in object {
                    let at = join(at, key);
                    if kind == Kind::Discriminator && key == "mapping" {
                        self.mapping(value, file, &at)?;
                    } else {
                        self.rewrite(value, file, &at, kind.member(key))?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The schemas that the values of a discriminator lead to: by a name, or by a reference.
    fn mapping(&mut self, mapping: &mut Value, file: &Path, at: &str) -> Result<()> {
        for (word, target) in mapping.as_object_mut().into_iter().flatten() {
            let Some(text) = led_to(target).map(str::to_owned) else {
                continue;
            };
            let led = self.lead(&text, file, Kind::Schema);
            if let Led::To(led) =
                led.with_context(|| format!("{}#{}", file.display(), join(at, word)))?
            {
                *target = led.into();
            }
        }
        Ok(())
    }

    /// What a reference of `file` becomes.
    fn lead(&mut self, reference: &str, file: &Path, kind: Kind) -> Result<Led> {
        let (target, pointer) = self.place(reference, file)?;
        if target == self.root {
            let is_own = file == self.root && reference.starts_with('#');
            return Ok(Led::To(if is_own {
                reference.to_owned()
            } else {
                here(&pointer)
            }));
        }
        let mut found = self.find(&target, &pointer)?;
        let Some(group) = kind.shared(self.dialect) else {
            let at = (target.clone(), pointer.clone());
            ensure!(
                !self.within.contains(&at),
                "the reference `{reference}` leads back to itself; write out what it should lead to"
            );
            self.within.push(at);
            self.rewrite(&mut found, &target, &pointer, kind)?;
            self.within.pop();
            return Ok(Led::Replaced(found));
        };
        let key = (target.clone(), pointer.clone(), kind);
        if let Some(name) = self.names.get(&key) {
            return Ok(Led::To(here(&join(group, name))));
        }
        let name = self.name(kind, &target, &pointer);
        self.names.insert(key, name.clone());
        self.rewrite(&mut found, &target, &pointer, kind)?;
        let led = here(&join(group, &name));
        self.added.push((group, name, found));
        Ok(Led::To(led))
    }

    /// A name that no other component has: the last word of the pointer, or that of the file.
    fn name(&mut self, kind: Kind, file: &Path, pointer: &str) -> String {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        let last = pointer.rsplit('/').next().filter(|last| !last.is_empty());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let wanted: String = last
            .or(stem)
            .unwrap_or("Component")
            .chars()
            .map(|c| if is_plain(c) { c } else { '_' })
            .collect();
        let mut name = wanted.clone();
        for number in 2.. {
            if self.taken.insert((kind, name.clone())) {
                break;
            }
            name = format!("{wanted}{number}");
        }
        name
    }

    /// Reads another file, which has to be in the document's folder or below it.
    fn open(&mut self, path: &str, from: &Path) -> Result<PathBuf> {
        let outside = || {
            anyhow!(
                "the reference to `{path}` leaves the document's folder; copy that file into {} and refer to it there",
                self.folder.display()
            )
        };
        let path_text = percent_decode_str(path).decode_utf8()?;
        let relative = Path::new(path_text.as_ref());
        if path.contains("://") || relative.is_absolute() {
            return Err(outside());
        }
        let folder = from.parent().unwrap_or(&self.folder);
        // Before anything is read: a path that leads out is not even looked at.
        let mut depth = folder
            .strip_prefix(&self.folder)
            .map_or(0, |below| below.components().count());
        for part in relative.components() {
            match part {
                std::path::Component::ParentDir => {
                    depth = depth.checked_sub(1).ok_or_else(outside)?;
                }
                std::path::Component::Normal(_) => depth += 1,
                _ => {}
            }
        }
        let file = folder.join(relative);
        let file = file
            .canonicalize()
            .with_context(|| format!("the reference to `{path}`: {}", file.display()))?;
        // A link of the file system may lead out as well.
        ensure!(file.starts_with(&self.folder), outside());
        if !self.files.contains_key(&file) {
            let ending = file.extension().and_then(|ending| ending.to_str());
            if !ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
                bail!(
                    "the reference to `{path}`: a file's name has to end with .yaml, .yml or .json"
                );
            }
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let read = Document::parse("part", &file.display().to_string(), &text)?;
            self.files
                .insert(file.clone(), Arc::unwrap_or_clone(read.value));
        }
        Ok(file)
    }
}

enum Led {
    To(String),
    Replaced(Value),
}

/// A reference to a place of the document itself.
fn here(pointer: &str) -> String {
    format!("#{}", pointer.replace('%', "%25"))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::{Value, json};
    use test_support::OrFail as _;

    use super::bundle;

    fn files(folder: &Path, files: &[(&str, Value)]) {
        for (name, value) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().or_fail()).or_fail();
            fs::write(path, value.to_string()).or_fail();
        }
    }

    fn api(schema: &str) -> Value {
        json!({
            "openapi": "3.0.3",
            "paths": { "/a": { "get": { "responses": { "200": { "content": { "application/json": {
                "schema": { "$ref": schema },
            } } } } } } },
        })
    }

    #[test]
    fn what_other_files_hold_becomes_components() {
        let folder = tempfile::tempdir().or_fail();
        let document = json!({
            "openapi": "3.0.3",
            "paths": {
                "/a": { "$ref": "paths/a.json" },
                "/b": { "get": { "parameters": [{ "$ref": "common.json#/limit" }] } },
            },
            "components": { "schemas": { "Pet": { "type": "string" } } },
        });
        files(
            folder.path(),
            &[
                ("api.json", document.clone()),
                (
                    "paths/a.json",
                    json!({ "get": { "responses": { "200": { "$ref": "../common.json#/ok" } } } }),
                ),
                (
                    "common.json",
                    json!({
                        "limit": { "name": "limit", "in": "query", "schema": { "type": "integer" } },
                        "ok": { "description": "", "content": { "application/json": { "schema": { "$ref": "pet.json" } } } },
                    }),
                ),
                // It comes back to itself, and to the document.
                (
                    "pet.json",
                    json!({ "type": "object", "properties": {
                "next": { "$ref": "#" },
                "kind": { "$ref": "api.json#/components/schemas/Pet" },
                "$ref": { "type": "string" },
            } }),
                ),
            ],
        );
        let whole = bundle(&document, &folder.path().join("api.json"))
            .or_fail()
            .or_fail();
        assert_eq!(
            whole["paths"]["/a"]["get"]["responses"]["200"]["$ref"],
            "#/components/responses/ok"
        );
        assert_eq!(
            whole["paths"]["/b"]["get"]["parameters"][0]["$ref"],
            "#/components/parameters/limit"
        );
        assert_eq!(whole["components"]["parameters"]["limit"]["name"], "limit");
        let ok = &whole["components"]["responses"]["ok"]["content"]["application/json"]["schema"];
        assert_eq!(ok["$ref"], "#/components/schemas/pet");
        let pet = &whole["components"]["schemas"]["pet"]["properties"];
        assert_eq!(pet["next"]["$ref"], "#/components/schemas/pet");
        assert_eq!(pet["kind"]["$ref"], "#/components/schemas/Pet");
        assert_eq!(pet["$ref"]["type"], "string");
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().or_fail();
        let mut document = api("schemas/Pet.json");
        document["components"]["schemas"]["Pet"] = json!({ "type": "integer" });
        files(
            folder.path(),
            &[
                ("api.json", document.clone()),
                ("schemas/Pet.json", json!({ "type": "string" })),
            ],
        );
        let whole = bundle(&document, &folder.path().join("api.json"))
            .or_fail()
            .or_fail();
        assert_eq!(whole["components"]["schemas"]["Pet"]["type"], "integer");
        assert_eq!(whole["components"]["schemas"]["Pet2"]["type"], "string");
    }

    /// Redocly/redocly-cli#346 and #349: a component that is a file is that file, and gets no second name.
    #[test]
    fn a_component_that_is_a_file_keeps_its_name() {
        let folder = tempfile::tempdir().or_fail();
        let mut document = api("vendor.json");
        document["components"]["schemas"]["Vendor"] = json!({ "$ref": "vendor.json" });
        files(
            folder.path(),
            &[
                ("api.json", document.clone()),
                ("vendor.json", json!({ "type": "string" })),
            ],
        );
        let whole = bundle(&document, &folder.path().join("api.json"))
            .or_fail()
            .or_fail();
        let schemas = &whole["components"]["schemas"];
        assert_eq!(*schemas, json!({ "Vendor": { "type": "string" } }));
        let used = &whole["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"];
        assert_eq!(used["schema"]["$ref"], "#/components/schemas/Vendor");
    }

    /// Redocly/redocly-cli#84: all components of a kind in one file; speakeasy-api/openapi#34: a number as a name;
    /// hey-api/hey-api#1135: one file from several places.
    #[test]
    fn a_group_of_components_can_be_a_file() {
        let folder = tempfile::tempdir().or_fail();
        let document = json!({
            "openapi": "3.0.3",
            "paths": {
                "/a": { "get": { "responses": { "400": { "$ref": "#/components/responses/400" } } } },
                "/b": { "get": { "responses": { "400": { "$ref": "responses.json#/400" } } } },
            },
            "components": { "responses": { "$ref": "responses.json" } },
        });
        files(
            folder.path(),
            &[
                ("api.json", document.clone()),
                (
                    "responses.json",
                    json!({ "400": { "description": "", "content": { "application/json": {
                    "schema": { "$ref": "error.json" },
                } } } }),
                ),
                ("error.json", json!({ "type": "object" })),
            ],
        );
        let whole = bundle(&document, &folder.path().join("api.json"))
            .or_fail()
            .or_fail();
        for path in ["/a", "/b"] {
            let response = &whole["paths"][path]["get"]["responses"]["400"];
            assert_eq!(response["$ref"], "#/components/responses/400");
        }
        let response = &whole["components"]["responses"]["400"]["content"]["application/json"];
        assert_eq!(response["schema"]["$ref"], "#/components/schemas/error");
        assert_eq!(whole["components"]["schemas"]["error"]["type"], "object");
    }

    #[test]
    fn the_components_of_swagger_are_its_own() {
        let folder = tempfile::tempdir().or_fail();
        let document = json!({ "swagger": "2.0", "paths": { "/a": { "get": { "responses": { "200": {
            "description": "", "schema": { "$ref": "pet.json#/Pet" },
        } } } } } });
        files(
            folder.path(),
            &[
                ("api.json", document.clone()),
                ("pet.json", json!({ "Pet": { "type": "string" } })),
            ],
        );
        let whole = bundle(&document, &folder.path().join("api.json"))
            .or_fail()
            .or_fail();
        assert_eq!(
            whole["paths"]["/a"]["get"]["responses"]["200"]["schema"]["$ref"],
            "#/definitions/Pet"
        );
        assert_eq!(whole["definitions"]["Pet"]["type"], "string");
    }

    /// Paths, callbacks, maps of properties and what stands beside a reference: what is no component is put in place.
    /// Redocly/redocly-cli#1602, pb33f/libopenapi#433: what a discriminator maps to goes along.
    #[test]
    fn what_is_no_component_is_put_in_its_place() {
        let folder = tempfile::tempdir().or_fail();
        let mut document = api("all.json#/Any");
        document["paths"]["/b"] = json!({ "$ref": "all.json#/path", "summary": "S" });
        document["x-ms-examples"] = json!({ "$ref": "nowhere.json" });
        document["components"] = json!({
            "securitySchemes": { "key": { "$ref": "all.json#/key" } },
            "schemas": { "A": { "properties": { "$ref": "all.json#/properties" } } },
        });
        let all = json!({
            "Any": { "oneOf": [{ "$ref": "#/Cat" }], "discriminator": {
                "propertyName": "kind", "mapping": { "cat": "#/Cat", "dog": "all.json#/a%25", "cow": "Cow" },
            } },
            "Cat": { "type": "object", "example": { "$ref": "nowhere.json" } },
            "a%": { "type": "object" },
            "path": { "post": { "callbacks": { "on": { "$ref": "#/callback" } } } },
            "callback": { "{$url}": { "post": { "requestBody": { "$ref": "#/body" } } } },
            "body": { "content": {} },
            "key": { "type": "http", "scheme": "bearer" },
            "properties": { "a": { "$ref": "#/Cat" } },
        });
        files(
            folder.path(),
            &[("api.json", document.clone()), ("all.json", all)],
        );
        let whole = bundle(&document, &folder.path().join("api.json"))
            .or_fail()
            .or_fail();
        let path = &whole["paths"]["/b"];
        assert_eq!(path["summary"], "S");
        let called = &path["post"]["callbacks"]["on"]["{$url}"]["post"];
        assert_eq!(
            called["requestBody"]["$ref"],
            "#/components/requestBodies/body"
        );
        let components = &whole["components"];
        assert_eq!(components["securitySchemes"]["key"]["scheme"], "bearer");
        let cat = json!("#/components/schemas/Cat");
        assert_eq!(components["schemas"]["A"]["properties"]["a"]["$ref"], cat);
        let expected = json!({ "cat": cat, "dog": "#/components/schemas/a_", "cow": "Cow" });
        assert_eq!(
            components["schemas"]["Any"]["discriminator"]["mapping"],
            expected
        );
    }

    #[test]
    fn a_document_of_one_file_stays_as_it_is() {
        let folder = tempfile::tempdir().or_fail();
        let document = api("#/components/schemas/Pet");
        files(folder.path(), &[("api.json", document.clone())]);
        assert_eq!(
            bundle(&document, &folder.path().join("api.json")).or_fail(),
            None
        );
    }

    /// The description of `digitalocean.com`, without the files beside it.
    #[test]
    fn what_a_discriminator_alone_leads_to_is_a_file_as_well() {
        let folder = tempfile::tempdir().or_fail();
        let document = json!({
            "openapi": "3.0.3",
            "components": { "schemas": { "Any": {
                "oneOf": [{ "type": "object" }],
                "discriminator": { "propertyName": "kind", "mapping": { "cat": "cat.json" } },
            } } },
        });
        files(folder.path(), &[("api.json", document.clone())]);
        let file = folder.path().join("api.json");
        let error = format!("{:#}", bundle(&document, &file).err_or_fail());
        assert!(
            error.contains("mapping/cat: the reference to `cat.json`"),
            "{error}"
        );
        files(folder.path(), &[("cat.json", json!({ "type": "object" }))]);
        let whole = bundle(&document, &file).or_fail().or_fail();
        let mapping = &whole["components"]["schemas"]["Any"]["discriminator"]["mapping"];
        assert_eq!(mapping["cat"], "#/components/schemas/cat");
    }

    #[test]
    fn nothing_outside_of_the_folder_is_read() {
        let folder = tempfile::tempdir().or_fail();
        let home = folder.path().join("home");
        files(
            folder.path(),
            &[
                ("secret.json", json!({ "type": "string" })),
                ("home/below/x.json", json!({})),
            ],
        );
        for reference in [
            "../secret.json",
            "below/../../secret.json",
            "%2e%2e/secret.json",
            "/etc/hostname.json",
            "https://example.com/pet.json",
            "file:///etc/hostname.json",
        ] {
            let document = api(reference);
            files(&home, &[("api.json", document.clone())]);
            let error = bundle(&document, &home.join("api.json")).err_or_fail();
            let said = format!("{error:#}");
            assert!(
                said.contains("leaves the document's folder; copy that file into"),
                "{reference}: {said}"
            );
            assert!(said.contains("#/paths/~1a/get"), "{said}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("../secret.json", home.join("link.json")).or_fail();
            let document = api("link.json");
            let error = bundle(&document, &home.join("api.json")).err_or_fail();
            assert!(format!("{error:#}").contains("leaves the document's folder"));
        }
    }

    #[test]
    fn a_path_that_refers_to_itself_is_refused() {
        let folder = tempfile::tempdir().or_fail();
        let document = json!({ "openapi": "3.0.3", "paths": { "/a": { "$ref": "a.json" } } });
        files(
            folder.path(),
            &[
                ("api.json", document.clone()),
                ("a.json", json!({ "$ref": "a.json" })),
            ],
        );
        let error = bundle(&document, &folder.path().join("api.json")).err_or_fail();
        assert!(
            format!("{error:#}").contains("leads back to itself"),
            "{error:#}"
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().or_fail();
        let document = api("nowhere.json#/Pet");
        files(
            folder.path(),
            &[("api.json", document.clone()), ("there.json", json!({}))],
        );
        let file = folder.path().join("api.json");
        assert!(format!("{:#}", bundle(&document, &file).err_or_fail()).contains("nowhere.json"));
        let error = bundle(&api("there.json#/Pet"), &file).err_or_fail();
        assert!(format!("{error:#}").contains("there.json has no `#/Pet`"));
    }
}
