//! `cargo xtask new`: a document becomes two crates that build, and no other file changes. It must notice a
//! crate that needs an entry elsewhere, a document that is written half, one that is written over, and
//! conformance cases of an API that notice nothing.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use conformance::copy::Copy;
use test_support::{OrFail as _, is_long};
use xtask::{generate, lock, new, own, target::Target};

use crate::{architecture, coverage, documents, schemas};

const PETS: &str = "tests/data/pets.yaml";

fn changes(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let changed = after
        .iter()
        .filter(|(file, text)| before.get(*file) != Some(text));
    let gone = before.iter().filter(|(file, _)| !after.contains_key(*file));
    changed
        .chain(gone)
        .map(|(file, _)| file.display().to_string().replace('\\', "/"))
        .collect()
}

#[test]
fn a_document_becomes_two_crates_and_no_other_file_changes() {
    let copy = Copy::new("new").or_fail();
    let files = || -> BTreeMap<_, _> { copy.files().or_fail().into_iter().collect() };
    let before = files();
    let report = new::run(copy.path(), "pets", Some(&copy.path().join(PETS))).or_fail();
    let mut expected = [
        "crates/thumbprint-pets-httpmock/Cargo.toml",
        "crates/thumbprint-pets-httpmock/src/generated.rs",
        "crates/thumbprint-pets-httpmock/src/lib.rs",
        "crates/thumbprint-pets-httpmock/tests/cases/generated.rs",
        "crates/thumbprint-pets-httpmock/tests/cases/main.rs",
        "crates/thumbprint-pets/Cargo.toml",
        "crates/thumbprint-pets/src/generated.rs",
        "crates/thumbprint-pets/src/lib.rs",
        "crates/thumbprint-pets/src/semantics.rs",
        "specs/pets.lock",
        "specs/pets.yaml",
    ];
    expected.sort_unstable();
    let mut changed = changes(&before, &files());
    changed.sort_unstable();
    assert_eq!(changed, expected);
    for file in expected {
        assert!(report.contains(&format!("{file}: written")), "{report}");
    }
    assert!(
        report
            .lines()
            .any(|line| line.starts_with("note: specs/pets.yaml:")
                && line.contains("#/paths/~1pets~1{petId}/get/responses/304: ")),
        "{report}"
    );
    assert_eq!(
        fs::read(copy.path().join("specs/pets.yaml")).or_fail(),
        fs::read(copy.path().join(PETS)).or_fail(),
        "the document stays as it came"
    );
    generate::run(&Target::THUMBPRINT, copy.path(), true, &["pets".to_owned()]).or_fail();
    lock::check(copy.path()).or_fail();

    // A second time it would write over what people may have changed since.
    let before = files();
    let error = new::run(copy.path(), "pets", None)
        .err_or_fail()
        .to_string();
    assert!(
        error.contains("is there already") && error.contains("cargo xtask generate pets"),
        "{error}"
    );
    assert_eq!(changes(&before, &files()), [""; 0]);
}

/// A further document, of other people's or written here, asks for no edit of the suite: what reads the
/// documents of the workspace still passes with it. One that the facade has a module for does ask for more.
#[test]
fn the_suite_takes_a_further_document_as_it_is() {
    let copy = Copy::new("further").or_fail();
    let root = copy.path();
    new::run(root, "pets", Some(&root.join(PETS))).or_fail();
    let own = fs::read_to_string(root.join("specs/wap.yaml")).or_fail();
    fs::write(root.join("specs/shelter.yaml"), own).or_fail();
    new::run(root, "shelter", None).or_fail();
    generate::run(&Target::THUMBPRINT, root, true, &[]).or_fail();
    lock::check(root).or_fail();
    let everything = || {
        architecture::arrows(root);
        architecture::versions(root);
        documents::no_problem(root);
        documents::as_the_pages(root);
        documents::unknown_names_are_told(root);
        coverage::everything_is_there(root);
        schemas::rows_are_there(root);
    };
    everything();
    fs::write(root.join("crates/thumbprint/src/shelter.rs"), "").or_fail();
    std::panic::catch_unwind(everything).err_or_fail();
}

/// What the code of a document does is not seen from the code: this runs it, with the mocks of the same
/// document and against ones that are written by hand. In the short form it is written and not built.
#[test]
fn the_crates_build_and_do_what_the_document_says() {
    let copy = Copy::new("new-built").or_fail();
    for name in ["pets", "wire"] {
        let document = copy.path().join(format!("tests/data/{name}.yaml"));
        new::run(copy.path(), name, Some(&document)).or_fail();
    }
    let mocks = copy.path().join("crates/thumbprint-wire-httpmock");
    fs::copy(
        copy.path().join("tests/data/wire.rs"),
        mocks.join("tests/wire.rs"),
    )
    .or_fail();
    if !is_long() {
        return;
    }
    let packages = ["pets", "pets-httpmock", "wire", "wire-httpmock"];
    let packages = packages.map(|name| format!("thumbprint-{name}"));
    let output = copy.cargo("test", &packages).or_fail();
    let said = String::from_utf8_lossy(&output.stderr);
    let tests = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{tests}");
    assert!(!said.contains("warning"), "{said}");
    assert!(tests.contains("3 passed"), "{tests}");
    assert_eq!(tests.matches("4 passed").count(), 2, "{tests}");

    // The cases must notice a name that is not the document's, an answer taken for another, an example that
    // is lost, and a mock whose path is a pattern.
    let change = |file: &str, from: &str, to: &str| {
        let file = copy
            .path()
            .join("crates")
            .join(file)
            .join("src/generated.rs");
        let text = fs::read_to_string(&file).or_fail();
        assert!(text.contains(from), "{from}");
        fs::write(file, text.replace(from, to)).or_fail();
    };
    change("thumbprint-pets", "\"limit\"", "\"limits\"");
    change("thumbprint-pets", "Some(201)", "Some(202)");
    change("thumbprint-pets", "\"bornOn\"", "\"born\"");
    change("thumbprint-wire-httpmock", "a\\\\.b\\\\(", "a.b(");
    change("thumbprint-wire-httpmock", "\\\\)$", ")$");
    let packages = ["pets", "wire"].map(|name| format!("thumbprint-{name}-httpmock"));
    let output = copy.cargo("test", &packages).or_fail();
    let tests = String::from_utf8_lossy(&output.stdout);
    for failure in [
        "listPets: its mock was hit 0 times",
        "listPets: the target /pets?limits=1",
        "createPets: 201 is Success and became Err(create pets: 201: a status",
        "call: its mock was hit 0 times",
        "#/components/schemas/Pet: {",
    ] {
        assert!(tests.contains(failure), "{failure}: {tests}");
    }
}

/// Outside of this repository nothing of it is there but by the path that the workspace names.
#[test]
fn a_workspace_of_ones_own_builds_and_passes_its_tests() {
    let folder = tempfile::tempdir().or_fail();
    let out = folder.path().join("pets");
    let pets = xtask::root().join(PETS);
    let report = own::run("pets", &pets, &out, None).or_fail();
    assert!(report.contains("note: specs/pets.yaml:"), "{report}");
    generate::run(&Target::OWN, &out, true, &[]).or_fail();
    for path in [
        "Cargo.toml",
        "README.md",
        "xtask/Cargo.toml",
        "crates/pets-client/Cargo.toml",
    ] {
        let text = fs::read_to_string(out.join(path)).or_fail();
        assert!(
            !text.contains("{name}") && !text.contains("license"),
            "{path}: {text}"
        );
    }

    if is_long() {
        let output = Command::new(env!("CARGO"))
            .args(["test", "--offline", "--quiet"])
            .current_dir(&out)
            .env("CARGO_TARGET_DIR", conformance::copy::target())
            .output()
            .or_fail();
        let said = String::from_utf8_lossy(&output.stderr);
        let tests = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{tests}");
        assert!(!said.contains("warning"), "{said}");
        assert!(tests.contains("4 passed"), "{tests}");
    }

    // A second time it would write over what is somebody's own by now.
    let error = own::run("pets", &pets, &out, None)
        .err_or_fail()
        .to_string();
    assert!(error.contains("is there already"), "{error}");
    // Others find the runtime by its repository.
    let out = folder.path().join("git");
    own::run("pets", &pets, &out, Some("https://example.com/thumbprint")).or_fail();
    let manifest = fs::read_to_string(out.join("Cargo.toml")).or_fail();
    let line = "thumbprint-transport = { git = \"https://example.com/thumbprint\" }";
    assert!(manifest.contains(line), "{manifest}");
}

/// What a workspace of somebody's own does when its document changes: its own generator, built there, of a document
/// that came in several files with an overlay.
#[test]
fn a_workspace_of_ones_own_writes_its_code_again() {
    let folder = tempfile::tempdir().or_fail();
    let (vendor, out) = (folder.path().join("vendor"), folder.path().join("zoo"));
    let write = |file: &str, text: &str| {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().or_fail()).or_fail();
        fs::write(path, text).or_fail();
    };
    write(
        "vendor/api.yaml",
        "openapi: 3.0.3\ninfo: {title: Zoo, version: '1'}\npaths:\n  /animals: {$ref: parts/animals.yaml}\n",
    );
    write(
        "vendor/parts/animals.yaml",
        "get:\n  responses:\n    '200': {description: All, content: {application/json: {schema: {$ref: animal.yaml}}}}\n",
    );
    write(
        "vendor/parts/animal.yaml",
        "type: object\nproperties: {name: {type: string}}\n",
    );
    let overlay = "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions:\n- target: $.paths['/animals'].get\n  update: {operationId: listAnimals}\n";
    write("vendor/api.overlay.yaml", overlay);
    own::run("zoo", &vendor.join("api.yaml"), &out, None).or_fail();
    if !is_long() {
        generate::run(&Target::OWN, &out, true, &[]).or_fail();
        return;
    }
    // Both have the one target folder, in which this workspace's `xtask` has its place.
    let manifest = fs::read_to_string(out.join("xtask/Cargo.toml")).or_fail();
    let named = "\n[[bin]]\nname = \"xtask-of-the-zoo\"\npath = \"src/main.rs\"\n";
    write("zoo/xtask/Cargo.toml", &(manifest + named));

    let xtask = |words: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(["--offline", "xtask"])
            .args(words)
            .current_dir(&out)
            .env("CARGO_TARGET_DIR", conformance::copy::target())
            .env_remove("RUSTFLAGS")
            .output()
            .or_fail();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).or_fail())
    };
    let (done, said) = xtask(&["generate", "--check"]);
    assert!(done && said.matches("up to date").count() == 3, "{said}");
    write(
        "zoo/specs/zoo.overlay.yaml",
        &overlay.replace("listAnimals", "allAnimals"),
    );
    let (done, said) = xtask(&["generate", "--check"]);
    let mend = "mend it with: cargo xtask generate zoo";
    assert!(!done && said.contains(mend), "{said}");
    let (done, said) = xtask(&["generate"]);
    assert!(done && said.matches("written").count() == 3, "{said}");
    let client = fs::read_to_string(out.join("crates/zoo-client/src/generated.rs")).or_fail();
    assert!(client.contains("pub fn all_animals("), "{client}");
    assert!(xtask(&["generate", "--check", "zoo"]).0);
    let (done, said) = xtask(&["regenerate"]);
    assert!(
        !done && said.starts_with("write `cargo xtask generate"),
        "{said}"
    );
}

#[test]
fn a_refusal_or_a_failure_leaves_nothing_behind() {
    let folder = tempfile::tempdir().or_fail();
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("specs")).or_fail();
    let listed = || -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![root.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).or_fail() {
                let path = entry.or_fail().path();
                if path.is_dir() {
                    open.push(path.clone());
                }
                found.push(path);
            }
        }
        found.sort();
        found
    };
    let before = listed();

    let refused = folder.path().join("refused.yaml");
    fs::write(&refused, "openapi: 3.0.3\ninfo: {title: T, version: \"1\"}\npaths: {a: {get: {responses: {x: {}}}}}\n").or_fail();
    let error = new::run(&root, "pets", Some(&refused))
        .err_or_fail()
        .to_string();
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(
        error
            .lines()
            .all(|line| line.starts_with("specs/pets.yaml:3#/paths/a")),
        "{error}"
    );
    assert_eq!(listed(), before);

    for (name, file) in [
        ("Pets", PETS),
        ("transport", PETS),
        ("pets", "tests/data/README.md"),
        ("pets", "nowhere.yaml"),
    ] {
        assert!(
            new::run(&root, name, Some(&xtask::root().join(file))).is_err(),
            "{name} {file}"
        );
        assert_eq!(listed(), before);
    }

    // The crates can be moved into place, the document cannot.
    fs::remove_dir(root.join("specs")).or_fail();
    fs::write(root.join("specs"), "in the way").or_fail();
    fs::create_dir(root.join("crates")).or_fail();
    let before = listed();
    new::run(&root, "pets", Some(&xtask::root().join(PETS))).err_or_fail();
    assert_eq!(listed(), before);
}
