use heck::ToSnakeCase;
use quote::ToTokens;
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
        builders: Vec::new(),
        applied: 0,
    };
    let mut needed = 0;
    for operation in &context.operations {
        let names: Vec<_> = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.required && parameter.schema.get("default").is_some())
            .map(|parameter| parameter.name.to_snake_case())
            .collect();
        needed += names.len();
        pass.builders.push((operation.type_name(), names));
    }
    pass.visit_file_mut(file);
    Step::new("required_defaults", needed, pass.applied)
}

struct Defaults {
    builders: Vec<(String, Vec<String>)>,
    applied: usize,
}

impl VisitMut for Defaults {
    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        let builder = self_type(block);
        let Some((_, names)) = self.builders.iter().find(|(name, _)| *name == builder) else {
            return;
        };
        let mut fields = Fields { names, applied: 0 };
        fields.visit_item_impl_mut(block);
        self.applied += fields.applied;
    }
}

struct Fields<'a> {
    names: &'a [String],
    applied: usize,
}

impl VisitMut for Fields<'_> {
    fn visit_expr_struct_mut(&mut self, expression: &mut ExprStruct) {
        for field in &mut expression.fields {
            let name = field.member.to_token_stream().to_string();
            let unset = matches!(&field.expr, Expr::Call(call) if call.func.to_token_stream().to_string() == "Err");
            if unset && self.names.contains(&name) {
                field.expr = parse_quote!(Ok(::std::default::Default::default()));
                self.applied += 1;
            }
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
