use super::{Structure, take_structures, take_texts};
use crate::error::ApiError;
use std::collections::BTreeMap;

fn form(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn message<T>(result: Result<T, ApiError>) -> String {
    match result {
        Err(ApiError::Malformed(message)) => message,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("not refused"),
    }
}

#[test]
fn texts_come_in_the_order_of_their_numbers() {
    let eleven = (1..=11).rev().map(|n| format!("L.M.{n}=v{n}&")).collect::<String>();
    let mut parameters = form(&format!("{eleven}Lx=1&L-=2&K=3"));
    let texts = take_texts(&mut parameters, "L", "M").unwrap().unwrap();
    assert_eq!(texts.first().map(String::as_str), Some("v1"));
    assert_eq!(texts.last().map(String::as_str), Some("v11"));
    assert_eq!(parameters.into_keys().collect::<Vec<_>>(), ["K", "L-", "Lx"]);
}

#[test]
fn no_list_and_an_empty_list_differ() {
    assert_eq!(take_texts(&mut form(""), "L", "M").unwrap(), None);
    assert_eq!(take_texts(&mut form("L="), "L", "M").unwrap(), Some(Vec::new()));
    assert_eq!(take_texts(&mut form("L.M.1="), "L", "M").unwrap(), Some(vec![String::new()]));
}

#[test]
fn gaps_duplicates_and_other_shapes_are_refused() {
    for text in [
        "L.M.2=x",
        "L.M.0=x",
        "L.M.1=x&L.M.3=y",
        "L.M.1=x&L.M.01=y",
        "L.M.x=1",
        "L.M.+1=1",
        "L.M.-1=1",
        "L.M=1",
        "L.M.=1",
        "L.N.1=x",
        "L.Mx.1=x",
        "L.1=x",
        "L=x",
        "L.M.99999999999999999999999=x",
    ] {
        assert!(message(take_texts(&mut form(text), "L", "M")).contains("L is a list: its items are L.M.1"), "{text}");
    }
    assert_eq!(message(take_texts(&mut form("L.M.1.K=x"), "L", "M")), "The parameter L.M.1.K is not known.");
}

#[test]
fn structures_nest() {
    let mut parameters = form("S.member.1.A.member.1.B.C=x&S.member.1.A.member.2.B.C=y&S.member.2.D=z");
    let mut outer = take_structures(&mut parameters, "", "S", "member").unwrap();
    let [first, second] = outer.as_mut_slice() else { panic!("{outer:?}") };
    let inner = first.structures("A", "member").unwrap();
    let read = inner.into_iter().map(|mut item: Structure| item.optional("B.C").unwrap());
    assert_eq!(read.collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(second.optional("D").as_deref(), Some("z"));
    for item in outer {
        item.finish().unwrap();
    }
    let mut outer = take_structures(&mut form("S.member.1.A.member.2.B=x"), "", "S", "member").unwrap();
    let refused = message(outer.remove(0).structures("A", "member"));
    assert!(refused.contains("S.member.1.A is a list: its items are S.member.1.A.member.1"), "{refused}");
}
