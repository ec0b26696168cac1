//! Documents of several files as one: what a reference into another file leads to becomes a component. Files are
//! read from the document's own folder and below it, from nowhere else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::document::{Document, ENDINGS, join, members};

/// Bundles a document with all the files that it refers to: `file` is where it was read from. `None` if it refers
/// to none.
pub fn bundle(document: &Value, file: &Path) -> Result<Option<Value>> {
    let file = file
        .canonicalize()
        .with_context(|| file.display().to_string())?;
    let folder = file.parent().context("a file has a folder")?.to_owned();
    let mut bundle = Bundle {
        swagger: document.get("swagger").is_some(),
        files: BTreeMap::from([(file.clone(), document.clone())]),
        root: file.clone(),
        folder,
        names: BTreeMap::new(),
        taken: BTreeSet::new(),
        paths: Vec::new(),
        added: Vec::new(),
    };
    for place in PLACES {
        let known = if bundle.swagger {
            &document[place.group()]
        } else {
            &document["components"][place.word()]
        };
        let names = members(known).map(|(name, _)| (place, name.clone()));
        bundle.taken.extend(names);
    }
    let mut whole = document.clone();
    bundle.groups(&mut whole)?;
    bundle.rewrite(&mut whole, &file, "", Place::Schema)?;
    if bundle.added.is_empty() && bundle.files.len() == 1 {
        return Ok(None);
    }
    for (place, name, value) in bundle.added {
        let group = if bundle.swagger {
            &mut whole[place.group()]
        } else {
            &mut whole["components"][place.word()]
        };
        if !group.is_object() {
            *group = Value::Object(Map::new());
        }
        group[name] = value;
    }
    Ok(Some(whole))
}

/// What a reference stands for, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Schema,
    Parameter,
    Response,
    Header,
    Body,
    Example,
    /// A path with its operations, which is no component: it is put where it is referred to.
    Path,
}

const PLACES: [Place; 6] = [
    Place::Schema,
    Place::Parameter,
    Place::Response,
    Place::Header,
    Place::Body,
    Place::Example,
];

impl Place {
    /// Where OpenAPI 3 has such components.
    const fn word(self) -> &'static str {
        match self {
            Self::Schema | Self::Path => "schemas",
            Self::Parameter => "parameters",
            Self::Response => "responses",
            Self::Header => "headers",
            Self::Body => "requestBodies",
            Self::Example => "examples",
        }
    }

    /// Where Swagger 2.0 has them.
    const fn group(self) -> &'static str {
        match self {
            Self::Parameter => "parameters",
            Self::Response => "responses",
            _ => "definitions",
        }
    }

    /// What stands behind `key`, in something of this kind: the kind of the value, and whether its members are
    /// named ones of that kind.
    fn below(self, key: &str) -> (Self, bool) {
        match key {
            "parameters" => (Self::Parameter, true),
            "responses" => (Self::Response, true),
            "headers" => (Self::Header, true),
            "examples" => (Self::Example, true),
            "requestBodies" => (Self::Body, true),
            "paths" | "webhooks" => (Self::Path, true),
            "properties" | "schemas" | "definitions" | "patternProperties" | "$defs" => {
                (Self::Schema, true)
            }
            "requestBody" => (Self::Body, false),
            "schema" | "items" | "additionalProperties" | "allOf" | "anyOf" | "oneOf" | "not" => {
                (Self::Schema, false)
            }
            _ => (self, false),
        }
    }
}

struct Bundle {
    swagger: bool,
    /// All files that were read.
    files: BTreeMap<PathBuf, Value>,
    root: PathBuf,
    /// The document's folder.
    folder: PathBuf,
    /// The component that each place of another file became.
    names: BTreeMap<(PathBuf, String, Place), String>,
    taken: BTreeSet<(Place, String)>,
    /// The paths that are being put in.
    paths: Vec<(PathBuf, String)>,
    added: Vec<(Place, String, Value)>,
}

impl Bundle {
    /// Takes in what the document's own components refer to: a whole group (`schemas: {$ref: schemas.yaml}`), or one
    /// that is a file (`Pet: {$ref: pet.yaml}`). Whoever else refers to that place gets the component of that name.
    fn groups(&mut self, whole: &mut Value) -> Result<()> {
        let root = self.root.clone();
        for place in PLACES {
            let group = if self.swagger {
                whole.get_mut(place.group())
            } else {
                whole
                    .get_mut("components")
                    .and_then(|all| all.get_mut(place.word()))
            };
            let Some(group) = group else { continue };
            if let Some((target, pointer)) = self.outside(group, &root)? {
                let content = self.find(&target, &pointer)?;
                for (name, _) in members(&content) {
                    let key = (target.clone(), join(&pointer, name), place);
                    self.names.insert(key, name.clone());
                    self.taken.insert((place, name.clone()));
                }
                *group = content;
                for (name, value) in group.as_object_mut().into_iter().flatten() {
                    self.rewrite(value, &target, &join(&pointer, name), place)?;
                }
                continue;
            }
            let mut named = Vec::new();
            for (name, value) in members(group) {
                let led = self.outside(value, &root);
                let led = led.with_context(|| {
                    format!("{}{}", root.display(), self.component(place, name))
                })?;
                if let Some((target, pointer)) = led {
                    let key = (target.clone(), pointer.clone(), place);
                    self.names.entry(key).or_insert_with(|| name.clone());
                    named.push((name.clone(), target, pointer));
                }
            }
            for (name, target, pointer) in named {
                let mut content = self.find(&target, &pointer)?;
                self.rewrite(&mut content, &target, &pointer, place)?;
                group[name] = content;
            }
        }
        Ok(())
    }

    /// The place in another file that a value refers to, if it does nothing but that.
    fn outside(&mut self, value: &Value, file: &Path) -> Result<Option<(PathBuf, String)>> {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
            return Ok(None);
        };
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if path.is_empty() {
            return Ok(None);
        }
        let target = self.open(path, file)?;
        let pointer = percent_decode_str(pointer).decode_utf8()?.into_owned();
        Ok((target != self.root).then_some((target, pointer)))
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
    fn rewrite(&mut self, value: &mut Value, file: &Path, at: &str, place: Place) -> Result<()> {
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.rewrite(item, file, &format!("{at}/{index}"), place)?;
                }
            }
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    let reference = reference.to_owned();
                    let led = self.lead(&reference, file, place);
                    match led.with_context(|| format!("{}#{at}", file.display()))? {
                        Led::Same => {}
                        Led::To(reference) => {
                            object.insert("$ref".to_owned(), reference.into());
                        }
                        Led::Replaced(with) => *value = with,
                    }
                    return Ok(());
                }
                for (key, value) in object.iter_mut() {
                    // What stands below these is data.
                    if matches!(key.as_str(), "example" | "default" | "enum") {
                        continue;
                    }
                    let (place, named) = place.below(key);
                    let at = join(at, key);
                    match value {
                        Value::Object(members) if named => {
                            for (name, value) in members.iter_mut() {
                                self.rewrite(value, file, &join(&at, name), place)?;
                            }
                        }
                        value => self.rewrite(value, file, &at, place)?,
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What a reference of `file` becomes.
    fn lead(&mut self, reference: &str, file: &Path, place: Place) -> Result<Led> {
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if path.is_empty() && file == self.root {
            return Ok(Led::Same);
        }
        let pointer = percent_decode_str(pointer).decode_utf8()?.into_owned();
        let target = if path.is_empty() {
            file.to_owned()
        } else {
            self.open(path, file)?
        };
        if target == self.root {
            return Ok(Led::To(format!("#{pointer}")));
        }
        let key = (target.clone(), pointer.clone(), place);
        if place != Place::Path
            && let Some(name) = self.names.get(&key)
        {
            return Ok(Led::To(self.component(place, name)));
        }
        let mut found = self.find(&target, &pointer)?;
        if place == Place::Path {
            let at = (target.clone(), pointer.clone());
            ensure!(
                !self.paths.contains(&at),
                "the path `{reference}` refers to itself; write its operations"
            );
            self.paths.push(at);
            self.rewrite(&mut found, &target, &pointer, place)?;
            self.paths.pop();
            return Ok(Led::Replaced(found));
        }
        let name = self.name(place, &target, &pointer);
        self.names.insert(key, name.clone());
        self.rewrite(&mut found, &target, &pointer, place)?;
        let led = self.component(place, &name);
        self.added.push((place, name, found));
        Ok(Led::To(led))
    }

    fn component(&self, place: Place, name: &str) -> String {
        let start = if self.swagger {
            format!("#/{}", place.group())
        } else {
            format!("#/components/{}", place.word())
        };
        join(&start, name)
    }

    /// A name that no other component has: the last word of the pointer, or that of the file.
    fn name(&mut self, place: Place, file: &Path, pointer: &str) -> String {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        let last = pointer.rsplit('/').next().filter(|last| !last.is_empty());
        let wanted: String = last
            .or(stem)
            .unwrap_or("Component")
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "._-".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let mut name = wanted.clone();
        for number in 2.. {
            if self.taken.insert((place, name.clone())) {
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
            self.files.insert(file.clone(), read.value);
        }
        Ok(file)
    }
}

enum Led {
    /// To the same place as before.
    Same,
    To(String),
    Replaced(Value),
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::{Value, json};

    use super::bundle;

    fn files(folder: &Path, files: &[(&str, Value)]) {
        for (name, value) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, value.to_string()).unwrap();
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
        let folder = tempfile::tempdir().unwrap();
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
            .unwrap()
            .unwrap();
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
        let folder = tempfile::tempdir().unwrap();
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
            .unwrap()
            .unwrap();
        assert_eq!(whole["components"]["schemas"]["Pet"]["type"], "integer");
        assert_eq!(whole["components"]["schemas"]["Pet2"]["type"], "string");
    }

    /// Redocly/redocly-cli#346 and #349: a component that is a file is that file, and gets no second name.
    #[test]
    fn a_component_that_is_a_file_keeps_its_name() {
        let folder = tempfile::tempdir().unwrap();
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
            .unwrap()
            .unwrap();
        let schemas = &whole["components"]["schemas"];
        assert_eq!(*schemas, json!({ "Vendor": { "type": "string" } }));
        let used = &whole["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"];
        assert_eq!(used["schema"]["$ref"], "#/components/schemas/Vendor");
    }

    /// Redocly/redocly-cli#84: all components of a kind in one file; speakeasy-api/openapi#34: a number as a name;
    /// hey-api/hey-api#1135: one file from several places.
    #[test]
    fn a_group_of_components_can_be_a_file() {
        let folder = tempfile::tempdir().unwrap();
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
            .unwrap()
            .unwrap();
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
        let folder = tempfile::tempdir().unwrap();
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
            .unwrap()
            .unwrap();
        assert_eq!(
            whole["paths"]["/a"]["get"]["responses"]["200"]["schema"]["$ref"],
            "#/definitions/Pet"
        );
        assert_eq!(whole["definitions"]["Pet"]["type"], "string");
    }

    #[test]
    fn a_document_of_one_file_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let document = api("#/components/schemas/Pet");
        files(folder.path(), &[("api.json", document.clone())]);
        assert_eq!(
            bundle(&document, &folder.path().join("api.json")).unwrap(),
            None
        );
    }

    #[test]
    fn nothing_outside_of_the_folder_is_read() {
        let folder = tempfile::tempdir().unwrap();
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
            let error = bundle(&document, &home.join("api.json")).unwrap_err();
            let said = format!("{error:#}");
            assert!(
                said.contains("leaves the document's folder; copy that file into"),
                "{reference}: {said}"
            );
            assert!(said.contains("#/paths/~1a/get"), "{said}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("../secret.json", home.join("link.json")).unwrap();
            let document = api("link.json");
            let error = bundle(&document, &home.join("api.json")).unwrap_err();
            assert!(format!("{error:#}").contains("leaves the document's folder"));
        }
    }

    #[test]
    fn a_path_that_refers_to_itself_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let document = json!({ "openapi": "3.0.3", "paths": { "/a": { "$ref": "a.json" } } });
        files(
            folder.path(),
            &[
                ("api.json", document.clone()),
                ("a.json", json!({ "$ref": "a.json" })),
            ],
        );
        let error = bundle(&document, &folder.path().join("api.json")).unwrap_err();
        assert!(
            format!("{error:#}").contains("refers to itself"),
            "{error:#}"
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let document = api("nowhere.json#/Pet");
        files(
            folder.path(),
            &[("api.json", document.clone()), ("there.json", json!({}))],
        );
        let file = folder.path().join("api.json");
        assert!(format!("{:#}", bundle(&document, &file).unwrap_err()).contains("nowhere.json"));
        let error = bundle(&api("there.json#/Pet"), &file).unwrap_err();
        assert!(format!("{error:#}").contains("there.json has no `#/Pet`"));
    }
}
