//! Generates a client for a document of so many operations, each with parameters and schemas of its own, and
//! prints how many bytes that took at the peak, and how many the code has. With `bare` it is what progenitor makes of
//! it by itself. Nothing is written.

use anyhow::{Context as _, Result, anyhow};
use peak_alloc::PeakAlloc;
use serde_json::{Map, Value, json};
use thumbprint_codegen::{document::Document, generate};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let operations = arguments.next().context("give a number of operations")?;
    let text = document(operations.parse()?).to_string();
    let document = Document::parse("document", "document.json", &text)?;
    let code = if arguments.next().as_deref() == Some("bare") {
        let code = generate::as_it_stands(&document).map_err(|said| anyhow!(said))?;
        code.len()
    } else {
        let files = generate::render(&document)?.files;
        files.iter().map(|(_, text)| text.len()).sum()
    };
    println!("{} {code}", HEAP.peak_usage());
    Ok(())
}

fn document(operations: usize) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    schemas.insert(
        "Failure".to_owned(),
        json!({
            "type": "object",
            "properties": { "code": { "type": "string" }, "message": { "type": "string" } }
        }),
    );
    for number in 0..operations {
        let [asked, given] = [format!("Order{number}"), format!("Receipt{number}")];
        schemas.insert(
            asked.clone(),
            json!({
                "type": "object",
                "required": ["article"],
                "properties": {
                    "article": { "type": "string", "description": "What is ordered." },
                    "count": { "type": "integer", "format": "int32", "minimum": 1 },
                    "express": { "type": "boolean" },
                    "note": { "type": "string", "maxLength": 200 },
                }
            }),
        );
        schemas.insert(
            given.clone(),
            json!({
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": { "type": "string", "format": "uuid" },
                    "at": { "type": "string", "format": "date-time" },
                    "state": { "type": "string", "enum": ["accepted", "sent", "refused"] },
                    "order": reference(&asked),
                    "parts": { "type": "array", "items": { "type": "string" } },
                }
            }),
        );
        paths.insert(format!("/shops/{{shop}}/orders{number}"), json!({
            "post": {
                "operationId": format!("Order_Place{number}"),
                "summary": "Places an order",
                "parameters": [
                    { "name": "shop", "in": "path", "required": true, "schema": { "type": "string" } },
                    { "name": "dry-run", "in": "query", "schema": { "type": "boolean" } },
                    { "name": "timeout", "in": "query", "schema": { "type": "integer", "format": "int32" } },
                    { "name": "request-id", "in": "header", "schema": { "type": "string", "format": "uuid" } },
                ],
                "requestBody": content(&asked),
                "responses": {
                    "200": { "description": "It is placed.", "content": content(&given)["content"] },
                    "409": { "description": "It is refused.", "content": content("Failure")["content"] },
                }
            }
        }));
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Shops", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn content(schema: &str) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": reference(schema) } } })
}
