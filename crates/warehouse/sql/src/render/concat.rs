//! `||` and `concat`: measured before they are joined.

use crate::ast::{BinaryOp, Expr, Value};
use crate::error::SqlError;
use crate::functions::bounded::{MAX_TEXT_BYTES, REFUSE};
use crate::render::Renderer;
use crate::render::literal::too_long;
use crate::render::template::Argument;

/// One text of those that are joined.
struct Operand {
    text: String,
    kind: Argument,
    /// Where it is known here; else the engine measures it.
    bytes: Option<usize>,
}

impl Renderer<'_> {
    /// A chain of `||` is one text, measured once.
    pub(super) fn concat(&mut self, left: &Expr, right: &Expr) -> Result<String, SqlError> {
        let mut operands = Vec::new();
        let mut waiting = vec![right, left];
        while let Some(expr) = waiting.pop() {
            if let Expr::Binary { op: BinaryOp::Concat, left, right } = expr {
                waiting.extend([right.as_ref(), left.as_ref()]);
            } else {
                operands.push(self.operand(expr)?);
            }
        }
        self.join_texts(operands)
    }

    /// `concat(a, b)`: of anything that can be text.
    pub(super) fn concat_call(&mut self, args: &[Expr]) -> Result<String, SqlError> {
        let operands: Result<Vec<_>, _> = args
            .iter()
            .map(|arg| {
                let Operand { text, kind, bytes } = self.operand(arg)?;
                Ok(Operand { text: format!("CAST({text} AS VARCHAR)"), kind, bytes })
            })
            .collect();
        self.join_texts(operands?)
    }

    fn operand(&mut self, expr: &Expr) -> Result<Operand, SqlError> {
        let bytes = if let Expr::Value(Value::Text(text)) = expr { Some(text.len()) } else { None };
        Ok(Operand { text: self.expr(expr)?, kind: self.kind(expr), bytes })
    }

    /// The refusal stands in the first text's place: the engine has it before it joins anything.
    fn join_texts(&self, operands: Vec<Operand>) -> Result<String, SqlError> {
        let known = operands.iter().filter_map(|operand| operand.bytes).fold(0, usize::saturating_add);
        let Some(left) = MAX_TEXT_BYTES.checked_sub(known) else { return Err(too_long()) };
        let measured: Vec<String> = operands
            .iter()
            .enumerate()
            .filter(|(_, operand)| operand.bytes.is_none())
            .map(|(place, _)| format!("strlen(CAST({{{place}}} AS VARCHAR))"))
            .collect();
        let mut places: Vec<String> = (0..operands.len()).map(|place| format!("{{{place}}}")).collect();
        if let (false, Some(first)) = (measured.is_empty(), places.first_mut()) {
            *first = format!("CASE WHEN {} > {left} THEN {REFUSE} ELSE {first} END", measured.join(" + "));
        }
        let template = format!("({})", places.join(" || "));
        let (kinds, texts): (Vec<_>, Vec<_>) = operands.into_iter().map(|operand| (operand.kind, operand.text)).unzip();
        self.fill(&template, &kinds, texts)
    }
}
