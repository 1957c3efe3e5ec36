use proptest::prelude::*;

use super::*;

fn message(text: &str) -> Result<Element, XmlRefusal> {
    read(text.as_bytes(), Kind::Message)
}

fn malformed(text: &str) {
    let read = message(text);
    assert!(matches!(read, Err(XmlRefusal::NotWellFormed(_))), "{text}: {read:?}");
}

#[test]
fn names_have_their_namespaces_whatever_the_prefix() {
    let root =
        message("<a:r xmlns:a='urn:1' x='1' a:x='2'><r xmlns='urn:1'/><r/><a:r xmlns:a='urn:2'/></a:r>").unwrap();
    assert!(root.is("urn:1", "r"));
    assert_eq!(root.attribute("x"), Some("1"));
    let children: Vec<Option<&str>> = root.elements().map(|child| child.namespace.as_deref()).collect();
    assert_eq!(children, [Some("urn:1"), None, Some("urn:2")]);
    assert_eq!(root.named("urn:1", "r").count(), 1);
    assert_eq!(root.only("urn:2", "r").map(|child| child.prefix.as_str()), Some("a"));
}

#[test]
fn text_is_whole_and_normalised() {
    let root = message("<r a='1\t2&#9;3\r\n4'>a&amp;b<![CDATA[<c>]]>&#x64;\r\ne\r&#13;</r>").unwrap();
    assert_eq!(root.text(), Some("a&b<c>d\ne\n\r"));
    assert_eq!(root.attribute("a"), Some("1 2\t3 4"));
    assert_eq!(message("<r>a<b/></r>").unwrap().text(), None);
}

#[test]
fn comments_are_refused_in_messages_and_passed_over_in_metadata() {
    assert_eq!(message("<r>a<!-- b -->c</r>"), Err(XmlRefusal::Comment));
    assert_eq!(read(b"<!-- x --><r>a<!-- b -->c</r>", Kind::Metadata).unwrap().text(), Some("ac"));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for text in [
        "",
        " ",
        "text",
        "<r>",
        "</r>",
        "<r></s>",
        "<r/><s/>",
        "<r/>x",
        "x<r/>",
        "<r a='1' a='2'/>",
        "<r a='1'b='2'/>",
        "<r a=1/>",
        "<r a/>",
        "<r a='<'/>",
        "<r a='&'/>",
        "<r>&amp</r>",
        "<r>]]></r>",
        "<1/>",
        "<a:b:c xmlns:a='urn:1'/>",
        "<:r/>",
        "<r:/>",
        "<r é='1'/>",
        "<r>\u{0}</r>",
        "<r>\u{FFFE}</r>",
        " <?xml version='1.0'?><r/>",
        "<r><?xml version='1.0'?></r>",
        "<?xml encoding='UTF-8' version='1.0'?><r/>",
        "<r/>&amp;",
        "<r/><![CDATA[x]]>",
    ] {
        malformed(text);
    }
}

#[test]
fn entities_are_the_five_and_characters_by_number() {
    assert_eq!(message("<r>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;</r>").unwrap().text(), Some("<>&\"'A😀"));
    for text in
        ["<r>&nbsp;</r>", "<r a='&nbsp;'/>", "<r>&#0;</r>", "<r>&#x+41;</r>", "<r>&#xD800;</r>", "<r a='&#1;'/>"]
    {
        assert!(matches!(message(text), Err(XmlRefusal::Entity(_))), "{text}");
    }
}

#[test]
fn namespaces_are_declared_and_not_bent() {
    for text in [
        "<a:r/>",
        "<r a:b='1'/>",
        "<r xmlns:a=''/>",
        "<r xmlns:xmlns='urn:1'/>",
        "<r xmlns:a='http://www.w3.org/2000/xmlns/'/>",
        "<r xmlns:a='http://www.w3.org/XML/1998/namespace'/>",
        "<r xmlns='urn:1 '/>",
        "<r xmlns:a='urn:1' xmlns:b='urn:1' a:c='1' b:c='2'/>",
    ] {
        let read = message(text);
        assert!(matches!(read, Err(XmlRefusal::Namespace(_))), "{text}: {read:?}");
    }
}

#[test]
fn limits_are_kept() {
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    assert!(message(&deep(DEEPEST)).is_ok());
    assert_eq!(message(&deep(DEEPEST + 1)), Err(XmlRefusal::TooDeep));
    let wide = |count: usize| format!("<r>{}</r>", "<a/>".repeat(count));
    assert!(message(&wide(MOST_NODES - 1)).is_ok());
    assert_eq!(message(&wide(MOST_NODES)), Err(XmlRefusal::TooManyNodes));
    let attributes = |count: usize| format!("<r{}/>", (0..count).map(|n| format!(" a{n}=''")).collect::<String>());
    assert!(message(&attributes(MOST_ATTRIBUTES)).is_ok());
    assert!(matches!(message(&attributes(MOST_ATTRIBUTES + 1)), Err(XmlRefusal::TooManyAttributes(_))));
    let long = format!("<r>{}</r>", "a".repeat(Kind::Message.longest()));
    assert!(matches!(message(&long), Err(XmlRefusal::TooLong { .. })));
}

#[test]
fn ids_are_unique_whatever_they_are_called() {
    for id in ["ID", "Id", "id", "AssertionID", "xml:id"] {
        let text = format!("<r ID='_1'><a {id}='_1'/></r>");
        assert_eq!(message(&text), Err(XmlRefusal::DuplicateId("_1".to_owned())), "{text}");
    }
}

#[test]
fn an_isolated_element_has_the_namespaces_that_were_in_scope() {
    let text = "<a:r xmlns:a='urn:1' xmlns:b='urn:2' xmlns='urn:3'><b:s xmlns:b='urn:4'><c/></b:s></a:r>";
    let root = message(text).unwrap();
    let inner = root.only("urn:4", "s").unwrap();
    assert_eq!(inner.isolated(&[&root]), "<b:s xmlns:a=\"urn:1\" xmlns=\"urn:3\" xmlns:b=\"urn:4\"><c></c></b:s>");
}

proptest! {
    /// What is written is read as it was.
    #[test]
    fn writing_and_reading_are_inverse(value in "[\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}]{0,40}", name in "[A-Za-z_][A-Za-z0-9_.-]{0,8}") {
        let element = assertion(&name).declaring(&[ns::ASSERTION]).with("a", &value).holding(&value);
        prop_assert_eq!(message(&element.document()).unwrap(), element);
    }

    #[test]
    fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[<>/&;#'\"= !\\[\\]?a-cx:-]{0,60}") {
        let _ = read(&bytes, Kind::Message);
        let _ = read(text.as_bytes(), Kind::Metadata);
    }
}
