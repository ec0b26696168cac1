//! How long documents take: `cargo run --release -p xtask --example speed -- FILE...`, or the documents in
//! specs/ if none is named. Nothing is written.

use std::{fs, time::Instant};

use anyhow::Result;
use xtask::{
    document::Document,
    generate::{self, Refused},
    root,
};

fn main() -> Result<()> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let mut texts = Vec::new();
    if files.is_empty() {
        for document in Document::load_all(&root(), &[])? {
            let text = fs::read_to_string(root().join(&document.file))?;
            texts.push((document.file, text));
        }
    }
    for file in files {
        let text = fs::read_to_string(&file)?;
        texts.push((file, text));
    }
    for (file, text) in texts {
        let start = Instant::now();
        let document = Document::parse("document", &file, &text)?;
        let read = start.elapsed();
        let outcome = generate::render(&document);
        let whole = start.elapsed();
        let size = text.len() / 1000;
        match outcome {
            Ok(rendered) => {
                let lines: usize = rendered
                    .files
                    .iter()
                    .map(|(_, text)| text.lines().count())
                    .sum();
                println!(
                    "{file}: {size} kB in {whole:.1?} ({read:.1?} to read it), {lines} lines, {} notes",
                    rendered.warnings.len()
                );
            }
            Err(error) => match error.downcast::<Refused>() {
                Ok(Refused(problems)) => {
                    println!(
                        "{file}: {size} kB refused in {whole:.1?}, {} reasons",
                        problems.len()
                    );
                    for problem in problems {
                        println!("    {problem}");
                    }
                }
                Err(error) => println!("{file}: {size} kB failed in {whole:.1?}: {error:#}"),
            },
        }
    }
    Ok(())
}
