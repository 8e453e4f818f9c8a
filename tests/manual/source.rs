//! Rust sources as far as the manual's tests read them: the codes that functions give, and the
//! commands that clap makes of enums.

use std::collections::{BTreeMap, BTreeSet};

// --- codes ----------------------------------------------------------------------------------

/// A string literal that is a code.
pub(crate) struct Find {
    /// The type whose `code` returns it; empty where it was given directly.
    pub(crate) owner: String,
    /// What it returns.
    pub(crate) code: String,
    /// Where it stands; filled by whoever read the file.
    pub(crate) file: String,
}

/// All literals in functions named `code`, in `coded!` tables, in `Refused(..)`, after `code:` and
/// `let code =`, and those that name a place with its fault; in the verifier also the rules that
/// `fault(..)` and `require(.., rule, ..)` name.
pub(crate) fn finds(tokens: &[Token], is_verifier: bool) -> Vec<Find> {
    let mut found = Vec::new();
    let mut owner = String::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        at += 1;
        if is_test_attribute(rest) {
            at += length_of_item(&rest[1..]);
            continue;
        }
        if starts_impl(tokens, at - 1) {
            owner = owner_of(rest);
        }
        let (of, taken): (&str, &[Token]) = match rest {
            [Token::Word(f), Token::Word(code), Token::Sign('('), ..]
                if f == "fn" && code == "code" =>
            {
                (&owner, body(rest))
            }
            [
                Token::Word(coded),
                Token::Sign('!'),
                Token::Sign('{'),
                Token::Word(name),
                ..,
            ] if coded == "coded" => (name, body(rest)),
            [Token::Word(refused), Token::Sign('('), ..] if refused == "Refused" => {
                ("", group(&rest[1..]))
            }
            // A type has no literals of its own, but what follows the parameter may.
            [Token::Word(code), Token::Sign(':'), next, ..]
                if code == "code" && *next != Token::Sign('&') =>
            {
                ("", argument(&rest[2..]))
            }
            [Token::Word(word), Token::Word(code), Token::Sign('='), ..]
                if word == "let" && code == "code" =>
            {
                ("", statement(&rest[3..]))
            }
            [Token::Word(place), Token::Sign('('), ..] if place == "place" => {
                ("", last_argument(group(&rest[1..])))
            }
            [Token::Word(fault), Token::Sign('('), ..] if is_verifier && fault == "fault" => {
                ("", argument(&rest[2..]))
            }
            [Token::Word(require), Token::Sign('('), ..] if is_verifier && require == "require" => {
                let first = argument(&rest[2..]).len();
                ("", argument(&rest[3 + first..]))
            }
            _ => continue,
        };
        found.extend(taken.iter().filter_map(|token| match token {
            // An empty text stands where there is no code.
            Token::Text(text) if !text.is_empty() => Some(Find {
                owner: of.to_owned(),
                code: text.clone(),
                file: String::new(),
            }),
            Token::Text(_) | Token::Word(_) | Token::Sign(_) => None,
        }));
    }
    found
}

fn is_test_attribute(tokens: &[Token]) -> bool {
    let words = ["#", "[", "cfg", "(", "test", ")", "]"];
    words.iter().enumerate().all(|(at, word)| {
        tokens.get(at).is_some_and(|token| match token {
            Token::Word(found) => found == word,
            Token::Sign(sign) => word.starts_with(*sign),
            Token::Text(_) => false,
        })
    })
}

/// How far it is to the end of an item: a semicolon, or the braces of its body.
fn length_of_item(tokens: &[Token]) -> usize {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Sign('{') => return at + group(&tokens[at..]).len() + 2,
            Token::Sign(';') => return at + 1,
            Token::Sign(_) | Token::Word(_) | Token::Text(_) => at += 1,
        }
    }
    at
}

/// `impl` where an item begins; elsewhere it is a type of an argument or a result.
fn starts_impl(tokens: &[Token], at: usize) -> bool {
    let is_first = at == 0 || matches!(tokens[at - 1], Token::Sign('{' | '}' | ';' | ']'));
    is_first && matches!(&tokens[at], Token::Word(word) if word == "impl")
}

/// The type of an `impl`: after `for` where there is one, its path's last name.
fn owner_of(tokens: &[Token]) -> String {
    let mut name = "";
    let mut depth = 0;
    for token in &tokens[1..] {
        match token {
            Token::Sign('<') => depth += 1,
            Token::Sign('>') => depth -= 1,
            Token::Sign('{') => break,
            Token::Word(word) if depth == 0 && word == "where" => break,
            Token::Word(word) if depth == 0 => name = word,
            Token::Word(_) | Token::Sign(_) | Token::Text(_) => {}
        }
    }
    name.to_owned()
}

/// What stands in the next pair of braces.
pub(crate) fn body(tokens: &[Token]) -> &[Token] {
    let open = tokens
        .iter()
        .position(|token| *token == Token::Sign('{'))
        .unwrap_or(tokens.len());
    group(&tokens[open..])
}

/// What stands in the brackets that these tokens begin with.
fn group(tokens: &[Token]) -> &[Token] {
    let Some(inner) = tokens.get(1..) else {
        return &[];
    };
    &inner[..length_until(inner, |_| false)]
}

/// Up to the next comma, or the end of the brackets.
fn argument(tokens: &[Token]) -> &[Token] {
    &tokens[..length_until(tokens, |sign| sign == ',')]
}

fn last_argument(mut tokens: &[Token]) -> &[Token] {
    loop {
        let first = argument(tokens).len();
        match tokens.get(first + 1..) {
            Some(rest) if !rest.is_empty() => tokens = rest,
            Some(_) | None => return &tokens[..first],
        }
    }
}

fn statement(tokens: &[Token]) -> &[Token] {
    &tokens[..length_until(tokens, |sign| sign == ';')]
}

/// How many tokens stand before the bracket that closes what surrounds them, or before a sign
/// outside all inner brackets.
fn length_until(tokens: &[Token], is_end: impl Fn(char) -> bool) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        if let Token::Sign(sign) = token {
            if depth == 0 && (is_end(*sign) || ")]}".contains(*sign)) {
                return at;
            }
            if "([{".contains(*sign) {
                depth += 1;
            } else if ")]}".contains(*sign) {
                depth -= 1;
            }
        }
    }
    tokens.len()
}

// --- the command line -----------------------------------------------------------------------

/// One alternative of an enum or struct of `cli.rs`: options and what it leads to.
#[derive(Default)]
struct Form {
    name: String,
    options: BTreeSet<String>,
    leads_to: Option<String>,
}

/// The enums and structs of `cli.rs` by name.
pub(crate) struct Grammar(BTreeMap<String, Vec<Form>>);

impl Grammar {
    /// Reads the declarations.
    pub(crate) fn of(tokens: &[Token]) -> Self {
        let mut types = BTreeMap::new();
        for (at, token) in tokens.iter().enumerate() {
            let (Token::Word(kind), Some(Token::Word(name))) = (token, tokens.get(at + 1)) else {
                continue;
            };
            let forms = match kind.as_str() {
                "enum" => forms(body(&tokens[at..])),
                "struct" => vec![Form {
                    options: options(body(&tokens[at..])),
                    ..Form::default()
                }],
                _ => continue,
            };
            types.insert(name.clone(), forms);
        }
        Self(types)
    }

    /// Every command below an enum with its options.
    pub(crate) fn commands(&self, name: &str, path: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut commands = BTreeMap::new();
        for form in &self.0[name] {
            let word = kebab(&form.name);
            let path = format!("{path} {word}").trim().to_owned();
            match &form.leads_to {
                Some(next) if next.ends_with("Args") => {
                    commands.insert(path, self.0[next][0].options.clone());
                }
                Some(next) => commands.extend(self.commands(next, &path)),
                None => {
                    commands.insert(path, form.options.clone());
                }
            }
        }
        commands
    }
}

/// The alternatives of an enum.
fn forms(mut tokens: &[Token]) -> Vec<Form> {
    let mut forms = Vec::new();
    while let Some(token) = tokens.first() {
        let mut taken = 1;
        match token {
            Token::Sign('[') => taken = group(tokens).len() + 2,
            Token::Word(name) => {
                let whole = argument(tokens);
                let inner = group(&whole[1..]);
                let is_pair = whole.get(1) == Some(&Token::Sign('('));
                let leads_to = inner.iter().find_map(|token| match token {
                    Token::Word(word) if is_pair => Some(word.clone()),
                    Token::Word(_) | Token::Sign(_) | Token::Text(_) => None,
                });
                forms.push(Form {
                    name: name.clone(),
                    options: options(inner),
                    leads_to,
                });
                taken = whole.len();
            }
            Token::Sign(_) | Token::Text(_) => {}
        }
        tokens = &tokens[taken..];
    }
    forms
}

/// The fields that are options: those whose attribute says `long`.
fn options(mut tokens: &[Token]) -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    let mut is_long = false;
    while let Some(token) = tokens.first() {
        let mut taken = 1;
        match token {
            Token::Sign('[') => {
                let attribute = group(tokens);
                is_long |= attribute.contains(&Token::Word("long".to_owned()));
                taken = attribute.len() + 2;
            }
            Token::Word(name) if tokens.get(1) == Some(&Token::Sign(':')) => {
                if std::mem::take(&mut is_long) {
                    options.insert(format!("--{}", name.replace('_', "-")));
                }
                taken = argument(tokens).len();
            }
            Token::Word(_) | Token::Sign(_) | Token::Text(_) => {}
        }
        tokens = &tokens[taken..];
    }
    options
}

/// `CamelCase` as clap spells it.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

// --- Rust, as far as it matters here ----------------------------------------------------------

/// One token of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Token {
    /// An identifier, keyword or number.
    Word(String),
    /// The inside of a string literal, escapes as they stand.
    Text(String),
    /// One sign of punctuation.
    Sign(char),
}

/// Takes comments and characters out and strings apart.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((text, taken)) = string(rest) {
            tokens.push(Token::Text(text.to_owned()));
            taken
        } else if first == '\'' {
            length_of_character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let end = end.unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            end
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    tokens
}

/// A string literal at the beginning: its inside, and how long it is.
fn string(source: &str) -> Option<(&str, usize)> {
    let open = source.trim_start_matches('b');
    let raw = open.strip_prefix('r');
    let hashes = raw.map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
    let quoted = &raw.unwrap_or(open)[hashes..];
    let inside = quoted.strip_prefix('"')?;
    let before = source.len() - inside.len();
    if raw.is_some() {
        let close = format!("\"{}", "#".repeat(hashes));
        let end = inside.find(&close)?;
        return Some((&inside[..end], before + end + close.len()));
    }
    let mut escaped = false;
    let end = inside.find(|c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((&inside[..end], before + end + 1))
}

/// A character literal, or the tick of a lifetime.
fn length_of_character(source: &str) -> usize {
    let mut inside = source.char_indices().skip(1);
    match (inside.next(), inside.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            source[from..].find('\'').map_or(1, |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        (_, _) => 1,
    }
}
