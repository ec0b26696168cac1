use std::collections::HashMap;

use quote::{ToTokens, format_ident};
use serde_json::Value;
use syn::{
    Expr, ExprStruct, Stmt, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::Context;
use crate::step::Step;

/// progenitor sends every request with a header `api-version: <info.version>`, which no document of
/// ours declares and which would panic for a version that is not ASCII.
pub(super) fn no_version_header(context: &Context<'_>, file: &mut syn::File) -> Step {
    let mut pass = VersionHeader { applied: 0 };
    pass.visit_file_mut(file);
    Step::new("no_version_header", context.operations.len(), pass.applied)
}

struct VersionHeader {
    applied: usize,
}

impl VisitMut for VersionHeader {
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        let before = block.stmts.len();
        block
            .stmts
            .retain(|statement| !is_version_header(statement));
        self.applied += before - block.stmts.len();
        visit_mut::visit_block_mut(self, block);
    }
}

fn is_version_header(statement: &Stmt) -> bool {
    let Stmt::Expr(Expr::MethodCall(call), _) = statement else {
        return false;
    };
    let first = call.args.first().map(ToTokens::to_token_stream);
    call.method == "append"
        && first.is_some_and(|first| first.to_string().ends_with("from_static (\"api-version\")"))
}

/// progenitor ignores a parameter's `default`: a call without `api_version` fails when it is sent. A
/// required parameter whose schema has a default starts with it. Optional ones stay unsent, as the
/// service has its own default for them.
pub(super) fn required_defaults(context: &Context<'_>, file: &mut syn::File) -> Step {
    let mut pass = Defaults {
        builders: HashMap::new(),
        applied: 0,
    };
    let mut needed = 0;
    for operation in context.operations {
        let defaults: HashMap<_, _> = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.required && parameter.is_sent())
            .filter_map(|parameter| {
                let default = parameter.schema.get("default")?;
                Some((parameter.ident.clone(), literal(default)?))
            })
            .collect();
        needed += defaults.len();
        pass.builders.insert(operation.type_name(), defaults);
    }
    pass.visit_file_mut(file);
    Step::new("required_defaults", needed, pass.applied)
}

/// A default of one of Rust's own types.
fn literal(default: &Value) -> Option<Expr> {
    Some(match default {
        Value::String(text) => parse_quote!(#text.to_owned()),
        Value::Bool(truth) => parse_quote!(#truth),
        Value::Number(_) => syn::parse_str(&default.to_string()).ok()?,
        _ => return None,
    })
}

struct Defaults {
    builders: HashMap<String, HashMap<String, Expr>>,
    applied: usize,
}

impl VisitMut for Defaults {
    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        let Some((_, items)) = &mut module.content else {
            return;
        };
        // Whether a field's type is one that typify made, which knows its default itself.
        let mut made: HashMap<(String, String), bool> = HashMap::new();
        for item in items.iter() {
            let syn::Item::Struct(item) = item else {
                continue;
            };
            for field in &item.fields {
                let name = field
                    .ident
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let ty = field.ty.to_token_stream().to_string();
                made.insert((item.ident.to_string(), name), ty.contains("types ::"));
            }
        }
        for item in items.iter_mut() {
            let syn::Item::Impl(block) = item else {
                continue;
            };
            let builder = self_type(block);
            let Some(defaults) = self.builders.get(&builder) else {
                continue;
            };
            let mut fields = Fields {
                builder,
                made: &made,
                defaults,
                applied: 0,
            };
            fields.visit_item_impl_mut(block);
            self.applied += fields.applied;
        }
    }
}

struct Fields<'a> {
    builder: String,
    made: &'a HashMap<(String, String), bool>,
    defaults: &'a HashMap<String, Expr>,
    applied: usize,
}

impl VisitMut for Fields<'_> {
    fn visit_expr_struct_mut(&mut self, expression: &mut ExprStruct) {
        for field in &mut expression.fields {
            let name = field.member.to_token_stream().to_string();
            let unset = matches!(&field.expr, Expr::Call(call) if call.func.to_token_stream().to_string() == "Err");
            let Some(literal) = self.defaults.get(&name).filter(|_| unset) else {
                continue;
            };
            let made = self.made.get(&(self.builder.clone(), name));
            field.expr = if made == Some(&true) {
                parse_quote!(Ok(::std::default::Default::default()))
            } else {
                parse_quote!(Ok(#literal))
            };
            self.applied += 1;
        }
    }
}

/// reqwest has no method for two of HTTP's: `client.options(url)` does not compile.
pub(super) fn rare_methods(context: &Context<'_>, file: &mut syn::File) -> Step {
    let rare = |operation: &&crate::model::Operation| {
        matches!(operation.method.as_str(), "OPTIONS" | "TRACE")
    };
    let needed = context.operations.iter().filter(rare).count();
    let mut pass = RareMethods { applied: 0 };
    if needed > 0 {
        pass.visit_file_mut(file);
    }
    Step::new("rare_methods", needed, pass.applied)
}

struct RareMethods {
    applied: usize,
}

impl VisitMut for RareMethods {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        let method: Expr = match call.method.to_string().as_str() {
            "options" => parse_quote!(::reqwest::Method::OPTIONS),
            "trace" => parse_quote!(::reqwest::Method::TRACE),
            _ => return,
        };
        if call
            .receiver
            .to_token_stream()
            .to_string()
            .ends_with("client . client")
        {
            call.method = format_ident!("request");
            call.args.insert(0, method);
            self.applied += 1;
        }
    }
}

/// The last word of the type that a block implements.
pub(super) fn self_type(block: &syn::ItemImpl) -> String {
    let syn::Type::Path(path) = &*block.self_ty else {
        return String::new();
    };
    path.path
        .segments
        .last()
        .map(|segment| segment.ident.to_string())
        .unwrap_or_default()
}
