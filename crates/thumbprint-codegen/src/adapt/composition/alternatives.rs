//! What a schema is that may be one of several.

use serde_json::{Value, json};

use super::{
    ANNOTATIONS, EXACT, MADE_OF, MOST, Object, TAG, Work,
    bases::{is_twice, tags},
    merge::forget,
};
use crate::{
    document::plain,
    grammar::{self, component, join, members},
};

impl Work<'_> {
    pub(super) fn refuse_forms(&mut self, pointer: &str) {
        self.refuse(
            pointer,
            format!("its alternatives come to more than {MOST} forms; give fewer, or name the ones that are meant"),
        );
    }

    /// A schema with alternatives: one list of them, each a reference or a schema that is written out.
    pub(super) fn alternatives(&mut self, mut object: Object, pointer: &str) -> Object {
        let key = if object.contains_key("oneOf") {
            "oneOf"
        } else {
            "anyOf"
        };
        let Some(Value::Array(parts)) = object.remove(key) else {
            object.remove(key);
            return object;
        };
        if parts.is_empty() {
            return object;
        }
        if let Some(Value::Array(more)) = object.remove("anyOf") {
            match self.products(&parts, &more, pointer) {
                Some(both) => object.insert("oneOf".into(), both),
                None => return object,
            };
            return self.alternatives(object, pointer);
        }
        if is_condition(&object, &parts) {
            self.warn(
                &join(pointer, key),
                "is not checked: which properties go together does not become a type",
            );
            return object;
        }
        let tag = object.remove("discriminator");
        let mut forms: Vec<Value> = Vec::new();
        let mut names = Vec::new();
        for part in &parts {
            let is_null = part["enum"]
                .as_array()
                .is_some_and(|words| words.iter().all(Value::is_null));
            if !is_null && !forms.contains(part) {
                forms.push(part.clone());
                names.push(part["$ref"].as_str().and_then(component).map(str::to_owned));
            }
        }
        if forms.is_empty() {
            return object;
        }
        (forms, names) = self.whole_first(forms, names);
        self.forms += forms.len();
        if self.forms > MOST * MOST {
            self.refuse_forms(pointer);
            return object;
        }
        let said: Object = object
            .iter()
            .filter(|(key, _)| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let mut beside: Object = object
            .into_iter()
            .filter(|(key, _)| !said.contains_key(key))
            .collect();
        self.open_up(&mut beside, pointer);
        let is_type_alone = beside.len() == 1
            && beside.get("type").is_some_and(|ty| {
                forms.iter().all(|form| {
                    grammar::resolve(self.whole, form)
                        .is_some_and(|form| form.get("type") == Some(ty))
                })
            });
        if !beside.is_empty() && !is_type_alone {
            let mut kept = (Vec::new(), Vec::new());
            for (form, name) in forms.iter().zip(names) {
                let merged = self.attempt(pointer, |work| {
                    let part = work.expand(form, pointer, 0);
                    work.merge(beside.clone(), part, pointer, 0)
                });
                let Some(mut part) = merged else { continue };
                forget(&mut part);
                if let Some(name) = &name {
                    part.insert(MADE_OF.into(), json!(name));
                }
                kept.0.push(part.into());
                kept.1.push(name);
            }
            if kept.0.is_empty() {
                self.clash(
                    pointer,
                    "none of its alternatives fits what stands beside them",
                );
                return said;
            }
            (forms, names) = kept;
        }
        let whole = said.clone();
        if let [one] = forms.as_slice() {
            return self.single(one, whole, pointer);
        }
        if let Some(one) = self.one_type(&forms, key) {
            return together(whole, one);
        }
        self.list(&forms, &names, tag.as_ref(), whole, pointer, key)
    }

    /// Puts numbers behind whole numbers: the first form that fits is taken, and whole numbers have digits that floating
    /// point has not.
    pub(super) fn whole_first(
        &self,
        forms: Vec<Value>,
        names: Vec<Option<String>>,
    ) -> (Vec<Value>, Vec<Option<String>>) {
        let mut both: Vec<_> = forms.into_iter().zip(names).collect();
        let is = |form: &Value, ty: &str| {
            grammar::resolve(self.whole, form).is_some_and(|form| form["type"] == ty)
        };
        if both.iter().any(|(form, _)| is(form, "integer")) {
            both.sort_by_key(|(form, _)| is(form, "number"));
        }
        both.into_iter().unzip()
    }

    /// Takes `additionalProperties: false` out of what stands beside alternatives, where it knows no property: no
    /// alternative would have a value. Java's annotations are written so (Jira).
    fn open_up(&mut self, beside: &mut Object, pointer: &str) {
        let is_closed = beside.get("additionalProperties") == Some(&json!(false));
        if is_closed && !beside.contains_key("properties") {
            beside.remove("additionalProperties");
            self.warn(
                &join(pointer, "additionalProperties"),
                "is left out: with no properties beside it, no alternative would have a value",
            );
        }
    }

    /// A list of forms, each made plain.
    pub(super) fn list(
        &mut self,
        forms: &[Value],
        names: &[Option<String>],
        tag: Option<&Value>,
        mut whole: Object,
        pointer: &str,
        key: &str,
    ) -> Object {
        if let Some(tag) = tag.and_then(|tag| tag["propertyName"].as_str().map(|name| (name, tag)))
        {
            let holder = json!({ "discriminator": tag.1 });
            let tags: Option<Vec<_>> = names
                .iter()
                .map(|name| Some(tags(self.whole, &holder, name.as_ref()?)))
                .collect();
            match tags {
                // What leads to two forms tells nothing.
                Some(tags) if is_twice(tags.iter().flatten()) => self.warn(
                    &join(pointer, "discriminator"),
                    "does not tell the alternatives apart: a value leads to two of them; the one that keeps most of a value is taken",
                ),
                Some(tags) => {
                    whole.insert(TAG.into(), json!({ "name": tag.0, "values": tags }));
                }
                None => self.warn(
                    &join(pointer, "discriminator"),
                    "is left out, as an alternative has no name for a value to lead to; write each as a `$ref`",
                ),
            }
        }
        let mut plain = Vec::new();
        for (index, form) in forms.iter().enumerate() {
            let at = format!("{pointer}/{key}/{index}");
            let mut form = self.schema(form, &at);
            // `null` is one value of the whole, whichever of its forms has it.
            if let Some(form) = form.as_object_mut()
                && form.remove("nullable").is_some()
                && let Some(Value::Array(one)) = form.get("allOf")
                && let ([one], 1) = (one.as_slice(), form.len())
            {
                *form = one.as_object().cloned().unwrap_or_default();
            }
            plain.push(form);
        }
        whole.insert(key.into(), plain.into());
        whole
    }

    /// The only form of a schema, with what is said of the whole.
    pub(super) fn single(&mut self, form: &Value, mut whole: Object, pointer: &str) -> Object {
        if form.get("$ref").is_some() {
            whole.insert("allOf".into(), json!([form]));
            return whole;
        }
        let mut form = self.expand(form, pointer, 0);
        form.extend(whole);
        if ["oneOf", "anyOf"].iter().any(|key| form.contains_key(*key)) {
            return self.alternatives(form, pointer);
        }
        form
    }

    /// Alternatives that are one type: words of one enumeration; or texts of which one takes any, where the words that
    /// some list are those that are known.
    fn one_type(&self, forms: &[Value], key: &str) -> Option<Object> {
        let resolved: Vec<_> = forms
            .iter()
            .map(|form| grammar::resolve(self.whole, form))
            .collect::<Option<_>>()?;
        let all = |ty: &str| resolved.iter().all(|form| form["type"] == ty);
        let is_free = |form: &&Value| {
            members(form).all(|(key, _)| {
                key == "type"
                    || key == "maxLength"
                    || key == "minLength"
                    || ANNOTATIONS.contains(&key.as_str())
                    || key.starts_with("x-")
            })
        };
        let words: Vec<Value> = resolved
            .iter()
            .filter_map(|form| form["enum"].as_array())
            .flatten()
            .filter(|word| !word.is_null())
            .cloned()
            .collect();
        let are_words = resolved.iter().all(|form| form.get("enum").is_some());
        if is_annotated(forms) {
            return annotated(forms, words);
        }
        if all("string") && are_words && key == "anyOf" {
            return json!({ "type": "string", "enum": words })
                .as_object()
                .cloned();
        }
        if !(all("string") || all("integer")) || !resolved.iter().any(is_free) {
            return None;
        }
        let mut open = json!({ "type": resolved[0]["type"] });
        if !words.is_empty() {
            open["enum"] = words.into();
            open["x-extensible"] = true.into();
            // `ALL` is another text than `all`, unless the document says that its words grow.
            open[EXACT] = true.into();
        }
        open.as_object().cloned()
    }
}

/// A schema with what is said of the whole, whose description comes before its own.
fn together(mut whole: Object, one: Object) -> Object {
    let said = [&whole, &one]
        .into_iter()
        .filter_map(|part| part.get("description"));
    let said: Vec<_> = said.map(plain).collect();
    whole.extend(one);
    if !said.is_empty() {
        whole.insert("description".into(), said.join("\n\n").into());
    }
    whole
}

/// The enumeration of words that are written as forms: their titles are the variants' names.
fn annotated(forms: &[Value], words: Vec<Value>) -> Option<Object> {
    let mut one = forms[0].as_object()?.clone();
    one.retain(|key, _| key == "type" || key == "format");
    let text = |form: &Value, key: &str| form[key].as_str().map(str::to_owned);
    let titled = |(form, word): (&Value, &Value)| {
        let title = text(form, "title").filter(|title| title.contains(char::is_alphanumeric))?;
        Some((word.as_str()?.to_owned(), title.into()))
    };
    let names: Object = forms.iter().zip(&words).filter_map(titled).collect();
    if !names.is_empty() {
        one.insert("x-enum-names".into(), names.into());
    }
    let said = forms.iter().zip(&words).filter_map(|(form, word)| {
        let about = [
            text(form, "title").filter(|_| !word.is_string()),
            text(form, "description"),
        ];
        let about: Vec<_> = about.into_iter().flatten().collect();
        let end = if form["deprecated"] == true {
            " (deprecated)"
        } else {
            ""
        };
        (!about.is_empty() || !end.is_empty())
            .then(|| format!("- `{}`{end} {}", plain(word), about.join(": ")))
    });
    let said: Vec<_> = said.collect();
    if !said.is_empty() {
        one.insert("description".into(), said.join("\n").into());
    }
    one.insert("enum".into(), words.into());
    Some(one)
}

/// Whether forms are the words of one enumeration, each written as a form so that it can have a title: the "annotated
/// enumerations" of OpenAPI 3.1.1, where a form is one `const`.
fn is_annotated(forms: &[Value]) -> bool {
    let mut seen = Vec::new();
    forms.iter().all(|form| {
        let mut keys = members(form).map(|(key, _)| key.as_str());
        let is_known =
            |key| ["type", "enum", "format"].contains(&key) || ANNOTATIONS.contains(&key);
        let word = form["enum"].as_array().filter(|words| words.len() == 1);
        let is_new = word.is_some_and(|word| !seen.contains(&word));
        seen.extend(word);
        is_new
            && form["type"] == forms[0]["type"]
            && form["format"] == forms[0]["format"]
            && keys.all(is_known)
    })
}

/// `anyOf` and `oneOf` beside properties, of which no part brings a property of its own, say which of them go
/// together. That is no other type.
fn is_condition(object: &Object, parts: &[Value]) -> bool {
    let Some(properties) = object.get("properties").and_then(Value::as_object) else {
        return false;
    };
    let known = [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "not",
    ];
    parts.iter().all(|part| {
        members(part).all(|(key, _)| known.contains(&key.as_str()))
            && members(&part["properties"]).all(|(name, _)| properties.contains_key(name))
    })
}
