//! The words of a filter.

use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    /// An attribute path, an operator, a number or a literal.
    Word(String),
    /// A JSON string, unescaped.
    Text(String),
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | ':' | '_' | '-' | '$' | '+')
}

/// The error says what is wrong and where (0-based byte).
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let token = match character {
            ' ' | '\t' => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::OpenBracket,
            ']' => Token::CloseBracket,
            '"' => {
                let mut raw = String::from('"');
                let mut escaped = false;
                loop {
                    let Some((_, next)) = characters.next() else {
                        return Err(format!("The string that begins at position {at} has no end."));
                    };
                    raw.push(next);
                    if next == '"' && !escaped {
                        break;
                    }
                    escaped = next == '\\' && !escaped;
                }
                match serde_json::from_str(&raw) {
                    Ok(Value::String(text)) => Token::Text(text),
                    Ok(_) | Err(_) => return Err(format!("The string at position {at} isn't a JSON string.")),
                }
            }
            first if is_word(first) => {
                let mut word = String::from(first);
                while let Some((_, next)) = characters.next_if(|(_, next)| is_word(*next)) {
                    word.push(next);
                }
                Token::Word(word)
            }
            other => return Err(format!("The character {other:?} at position {at} isn't expected.")),
        };
        tokens.push(token);
    }
    Ok(tokens)
}
