//! Where a document comes from: a file anywhere, the files that it refers to, and the overlay beside it.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    bundle,
    document::{Document, ENDINGS},
    overlay,
};

/// Reads a document as the one of the API `name`, and says what it becomes in specs/: files with their texts. A
/// document of one file stays as it is. One of several becomes one, in JSON. Then the overlay is applied, which
/// is `STEM.overlay.yaml` beside a document `STEM.json`.
pub fn open(name: &str, file: &Path) -> Result<(Document, Vec<(String, String)>)> {
    let ending = file.extension().and_then(|ending| ending.to_str());
    let Some(ending) = ending.filter(|ending| ENDINGS.contains(ending)) else {
        bail!(
            "{}: its name has to end with .yaml, .yml or .json",
            file.display()
        );
    };
    let read = |file: &Path| fs::read_to_string(file).with_context(|| file.display().to_string());
    let mut text = read(file)?;
    let mut place = format!("specs/{name}.{ending}");
    let mut document = Document::parse(name, &place, &text)?;
    if let Some(whole) = bundle::bundle(&document.value, file)? {
        place = format!("specs/{name}.json");
        text = serde_json::to_string_pretty(&whole)? + "\n";
        document = Document::parse(name, &place, &text)?;
    }
    let mut files = vec![(place, text)];
    for ending in ENDINGS {
        let beside = file.with_extension(format!("{}.{ending}", &overlay::SUFFIX[1..]));
        if beside.is_file() {
            let (place, text) = (
                format!("specs/{name}{}.{ending}", overlay::SUFFIX),
                read(&beside)?,
            );
            document = document.overlaid(&place, &text)?;
            files.push((place, text));
        }
    }
    Ok((document, files))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use test_support::OrFail as _;

    use super::open;
    use crate::document::Document;

    const API: &str = "openapi: 3.0.3\npaths:\n  /a:\n    get: {}\n";
    const OVERLAY: &str = "overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n- target: $.paths['/a'].get\n  update: {operationId: a}\n";

    #[test]
    fn the_overlay_beside_a_document_goes_with_it() {
        let folder = tempfile::tempdir().or_fail();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("vendor.yaml"), API).or_fail();
        fs::write(at("vendor.overlay.yaml"), OVERLAY).or_fail();
        let (document, files) = open("pets", &at("vendor.yaml")).or_fail();
        assert_eq!(document.value["paths"]["/a"]["get"]["operationId"], "a");
        let expected = [
            ("specs/pets.yaml", API),
            ("specs/pets.overlay.yaml", OVERLAY),
        ];
        assert_eq!(
            files,
            expected.map(|(file, text)| (file.to_owned(), text.to_owned()))
        );

        // And so it is read again; the overlay is no document by itself.
        fs::create_dir(at("specs")).or_fail();
        for (file, text) in files {
            fs::write(at(&file), text).or_fail();
        }
        assert_eq!(Document::names(folder.path()).or_fail(), ["pets"]);
        let again = Document::load(folder.path(), "pets").or_fail();
        assert_eq!((again.value, &again.hash), (document.value, &document.hash));
        fs::write(at("specs/pets.overlay.yaml"), OVERLAY.replace(": a", ": b")).or_fail();
        assert_ne!(
            Document::load(folder.path(), "pets").or_fail().hash,
            document.hash
        );
        fs::write(at("specs/pets.overlay.yaml"), OVERLAY.replace("/a", "/b")).or_fail();
        let error = Document::load(folder.path(), "pets").err_or_fail();
        assert!(
            format!("{error:#}").starts_with("specs/pets.overlay.yaml: actions[0]"),
            "{error:#}"
        );
    }

    #[test]
    fn a_document_of_several_files_becomes_one() {
        let folder = tempfile::tempdir().or_fail();
        fs::write(
            folder.path().join("a.yaml"),
            "swagger: '2.0'\ndefinitions:\n  A: {$ref: b.yaml}\n",
        )
        .or_fail();
        fs::write(folder.path().join("b.yaml"), "type: string\n").or_fail();
        let (document, files) = open("pets", &folder.path().join("a.yaml")).or_fail();
        assert_eq!(document.file, "specs/pets.json");
        assert_eq!(files[0].0, "specs/pets.json");
        let definitions = document.value["definitions"].to_string();
        assert_eq!(definitions, r#"{"A":{"type":"string"}}"#);
    }
}
