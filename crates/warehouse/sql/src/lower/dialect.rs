//! What sqlparser reads for us: its Redshift, with `GROUP BY ROLLUP | CUBE | GROUPING SETS` and `FILTER (WHERE …)`, which its
//! Redshift leaves out.

use std::any::TypeId;
use std::iter::Peekable;
use std::str::Chars;

use sqlparser::dialect::{Dialect, RedshiftSqlDialect};
use sqlparser::keywords::Keyword;

#[derive(Debug)]
pub(crate) struct QueryDialect;

const REDSHIFT: RedshiftSqlDialect = RedshiftSqlDialect {};

impl Dialect for QueryDialect {
    fn dialect(&self) -> TypeId {
        REDSHIFT.dialect()
    }

    /// As PostgreSQL does.
    fn supports_nested_comments(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    // the rest is Redshift's own

    fn is_nested_delimited_identifier_start(&self, ch: char) -> bool {
        REDSHIFT.is_nested_delimited_identifier_start(ch)
    }

    fn peek_nested_delimited_identifier_quotes(&self, chars: Peekable<Chars<'_>>) -> Option<(char, Option<char>)> {
        REDSHIFT.peek_nested_delimited_identifier_quotes(chars)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        REDSHIFT.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        REDSHIFT.is_identifier_part(ch)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        REDSHIFT.identifier_quote_style(identifier)
    }

    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        REDSHIFT.is_reserved_for_identifier(keyword)
    }

    fn convert_type_before_value(&self) -> bool {
        REDSHIFT.convert_type_before_value()
    }

    fn supports_connect_by(&self) -> bool {
        REDSHIFT.supports_connect_by()
    }

    fn supports_top_before_distinct(&self) -> bool {
        REDSHIFT.supports_top_before_distinct()
    }

    fn supports_partiql(&self) -> bool {
        REDSHIFT.supports_partiql()
    }

    fn supports_unpivot_expr(&self) -> bool {
        REDSHIFT.supports_unpivot_expr()
    }

    fn supports_string_escape_constant(&self) -> bool {
        REDSHIFT.supports_string_escape_constant()
    }

    fn supports_geometric_types(&self) -> bool {
        REDSHIFT.supports_geometric_types()
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        REDSHIFT.supports_bitwise_shift_operators()
    }

    fn supports_array_typedef_with_brackets(&self) -> bool {
        REDSHIFT.supports_array_typedef_with_brackets()
    }

    fn allow_extract_single_quotes(&self) -> bool {
        REDSHIFT.allow_extract_single_quotes()
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        REDSHIFT.supports_string_literal_backslash_escape()
    }

    fn supports_select_wildcard_exclude(&self) -> bool {
        REDSHIFT.supports_select_wildcard_exclude()
    }

    fn supports_select_wildcard_with_alias(&self) -> bool {
        REDSHIFT.supports_select_wildcard_with_alias()
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        REDSHIFT.supports_left_associative_joins_without_parens()
    }

    fn supports_select_exclude(&self) -> bool {
        REDSHIFT.supports_select_exclude()
    }

    fn supports_create_table_like_parenthesized(&self) -> bool {
        REDSHIFT.supports_create_table_like_parenthesized()
    }

    fn supports_string_literal_concatenation_with_newline(&self) -> bool {
        REDSHIFT.supports_string_literal_concatenation_with_newline()
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        REDSHIFT.supports_window_function_null_treatment_arg()
    }
}
