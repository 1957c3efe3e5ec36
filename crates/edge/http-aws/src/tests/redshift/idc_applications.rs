use base::id::{ApplicationArn, RedshiftIdcApplicationArn};

use super::{application_form, call};
use crate::tests::world::World;

fn integration(path: &str, value: &str) -> String {
    format!("&ServiceIntegrations.member.1.{path}.Authorization={value}")
}

#[tokio::test]
async fn an_application_is_created_described_and_deleted() {
    let world = World::new().await;
    let more = "&IdentityNamespace=awsidc&ApplicationType=None&Tags.Tag.1.Key=team&Tags.Tag.1.Value=data";
    let made = call(&world, &application_form(&world, "app", more).await).await.ok();
    let arn = made.element("RedshiftIdcApplicationArn").to_owned();
    assert_eq!(made.element("IdentityNamespace"), "awsidc");
    assert_eq!(made.element("IdcOnboardStatus"), "Completed");
    assert_eq!(made.element("Tags"), "<Tag><Key>team</Key><Value>data</Value></Tag>");
    assert_eq!(made.element("Connect"), "<Authorization>Enabled</Authorization>");
    assert_eq!(made.element("LakeFormationQuery"), "<Authorization>Disabled</Authorization>");
    assert_eq!(made.element("ReadWriteAccess"), "<Authorization>Disabled</Authorization>");
    let managed = ApplicationArn::new(made.element("IdcManagedApplicationArn"));
    assert!(world.state.center.application(&managed).is_some());
    assert_eq!(world.last_record().target, "arn:aws:redshift:us-east-1:123456789012:redshiftidcapplication:*");

    let describe = format!("Action=DescribeRedshiftIdcApplications&RedshiftIdcApplicationArn={arn}");
    let described = call(&world, &describe).await.ok();
    assert!(described.body.contains(&format!("<member>{}</member>", made.element("RedshiftIdcApplication"))));
    let delete = format!("Action=DeleteRedshiftIdcApplication&RedshiftIdcApplicationArn={arn}");
    let deleted = call(&world, &delete).await.ok();
    assert!(!deleted.body.contains("Result"));
    assert_eq!(world.last_record().target, arn);
    assert!(world.state.center.application(&managed).is_none());
    call(&world, &describe).await.fails(404, "RedshiftIdcApplicationNotExists", &arn);
    call(&world, &delete).await.fails(404, "RedshiftIdcApplicationNotExists", &arn);
    let modify = format!("Action=ModifyRedshiftIdcApplication&RedshiftIdcApplicationArn={arn}&IdentityNamespace=x");
    call(&world, &modify).await.fails(404, "RedshiftIdcApplicationNotExists", &arn);
}

#[tokio::test]
async fn an_application_is_modified() {
    let world = World::new().await;
    let made = call(&world, &application_form(&world, "app", "&IdentityNamespace=awsidc").await).await.ok();
    let arn = made.element("RedshiftIdcApplicationArn").to_owned();
    let managed = ApplicationArn::new(made.element("IdcManagedApplicationArn"));
    let modify = async |more: &str| {
        let form = format!("Action=ModifyRedshiftIdcApplication&RedshiftIdcApplicationArn={arn}{more}");
        call(&world, &form).await
    };
    super::role(&world, "Other", &["sso:*"]).await;
    let role = "arn:aws:iam::123456789012:role/Other";
    let more = format!("&IdentityNamespace=awsidctest&IdcDisplayName=Warehouse&IamRoleArn={role}");
    let changed = modify(&more).await.ok();
    assert_eq!(world.last_record().target, arn);
    assert_eq!(changed.element("IdentityNamespace"), "awsidctest");
    assert_eq!((changed.element("IdcDisplayName"), changed.element("IamRoleArn")), ("Warehouse", role));
    assert_eq!(world.state.center.application(&managed).unwrap().name, "Warehouse");

    let scoped = || world.state.center.application(&managed).unwrap().scopes.contains_key("redshift:connect");
    assert!(scoped());
    let disabled = modify(&integration("Redshift.member.1.Connect", "Disabled")).await.ok();
    assert_eq!(disabled.element("Connect"), "<Authorization>Disabled</Authorization>");
    assert_eq!(disabled.element("IdentityNamespace"), "awsidctest");
    assert!(!scoped());
    modify(&integration("Redshift.member.1.Connect", "Enabled")).await.ok();
    assert!(scoped());
    modify("&IdcDisplayName=a%20b").await.fails(400, "InvalidParameterValue", "IdcDisplayName");
    modify("&RedshiftIdcApplicationName=b").await.fails(400, "InvalidParameterValue", "RedshiftIdcApplicationName");
}

#[tokio::test]
async fn an_application_may_begin_without_connect() {
    let world = World::new().await;
    let more = integration("Redshift.member.1.Connect", "Disabled");
    let made = call(&world, &application_form(&world, "app", &more).await).await.ok();
    assert_eq!(made.element("Connect"), "<Authorization>Disabled</Authorization>");
    let managed = ApplicationArn::new(made.element("IdcManagedApplicationArn"));
    assert!(!world.state.center.application(&managed).unwrap().scopes.contains_key("redshift:connect"));
}

#[tokio::test]
async fn a_second_application_of_the_same_name_is_refused() {
    let world = World::new().await;
    call(&world, &application_form(&world, "app", "").await).await.ok();
    let again = call(&world, &application_form(&world, "app", "").await).await;
    again.fails(400, "RedshiftIdcApplicationAlreadyExists", "app");
}

#[tokio::test]
async fn parameters_are_refused_by_name() {
    let world = World::new().await;
    let twice = format!(
        "{}&ServiceIntegrations.member.2.Redshift.member.1.Connect.Authorization=Disabled",
        integration("Redshift.member.1.Connect", "Enabled")
    );
    for (more, message) in [
        (integration("LakeFormation.member.1.LakeFormationQuery", "Enabled"), "LakeFormation can only be Disabled"),
        (integration("S3AccessGrants.member.1.ReadWriteAccess", "Enabled"), "S3AccessGrants can only be Disabled"),
        (integration("Redshift.member.1.Connect", "enabled"), "Connect.Authorization must be Enabled or Disabled"),
        (integration("Redshift.member.1.Other", "Enabled"), "Connect.Authorization must be Enabled or Disabled"),
        (twice, "Redshift is given twice"),
        ("&AuthorizedTokenIssuerList.member.1.TrustedTokenIssuerArn=x".to_owned(), "\"AuthorizedTokenIssuerList\""),
        ("&SsoTagKeys.TagKey.1=k".to_owned(), "\"SsoTagKeys\""),
        ("&ApplicationType=Lakehouse".to_owned(), "\"ApplicationType\""),
        ("&Extra=1".to_owned(), "\"Extra\""),
    ] {
        let reply = call(&world, &application_form(&world, "app", &more).await).await;
        reply.fails(400, "InvalidParameterValue", message);
    }
    let other = integration("Other.member.1.Connect", "Enabled");
    let reply = call(&world, &application_form(&world, "app", &other).await).await;
    reply.fails(400, "MalformedQueryString", "ServiceIntegrations.member.1.Other.member.1.Connect.Authorization");
    let reply = call(&world, &application_form(&world, "App", "").await).await;
    reply.fails(400, "InvalidParameterValue", "RedshiftIdcApplicationName");
    let reply = call(&world, "Action=CreateRedshiftIdcApplication").await;
    reply.fails(400, "MissingParameter", "CreateRedshiftIdcApplication requires the parameter IdcInstanceArn");
    assert!(world.state.center.applications().is_empty());
    let form = "Action=DescribeRedshiftIdcApplications&RedshiftIdcApplicationArn=a&Marker=b";
    call(&world, form).await.fails(400, "InvalidParameterCombination", "Marker");
    for operation in ["Delete", "Modify"] {
        let reply = call(&world, &format!("Action={operation}RedshiftIdcApplication")).await;
        reply.fails(400, "MissingParameter", "RedshiftIdcApplicationArn");
    }
}

#[tokio::test]
async fn what_is_off_anyway_may_be_said() {
    let world = World::new().await;
    let more = "&ServiceIntegrations.member.1.LakeFormation.member.1.LakeFormationQuery.Authorization=Disabled\
                &ServiceIntegrations.member.2.S3AccessGrants.member.1.ReadWriteAccess.Authorization=Disabled\
                &ServiceIntegrations.member.3.Redshift.member.1.Connect.Authorization=Enabled\
                &AuthorizedTokenIssuerList=&SsoTagKeys=&Tags=";
    let made = call(&world, &application_form(&world, "app", more).await).await.ok();
    assert_eq!(made.element("Connect"), "<Authorization>Enabled</Authorization>");
}

#[tokio::test]
async fn applications_are_paged() {
    let world = World::new().await;
    for number in 0..21 {
        call(&world, &application_form(&world, &format!("app{number}"), "").await).await.ok();
    }
    let count = |body: &str| body.matches("<RedshiftIdcApplicationName>").count();
    let first = call(&world, "Action=DescribeRedshiftIdcApplications&MaxRecords=20").await.ok();
    assert_eq!(count(&first.body), 20);
    let marker = RedshiftIdcApplicationArn::new(first.element("Marker"));
    let next = format!("Action=DescribeRedshiftIdcApplications&MaxRecords=20&Marker={marker}");
    let next = call(&world, &next).await.ok();
    assert_eq!(count(&next.body), 1);
    assert!(!next.body.contains("<Marker>"));
    assert!(!first.body.contains(next.element("RedshiftIdcApplicationArn")));
}

#[tokio::test]
async fn a_role_that_may_not_look_into_identity_center_makes_no_connection() {
    let world = World::new().await;
    let form = application_form(&world, "app", "").await;
    let poor = form.replace("EspressoRedshiftRole", "poor");
    let refused = async |form: &str, word: &str| {
        call(&world, form).await.fails(403, "DependentServiceAccessDenied", word);
        assert!(world.state.control.idc_applications(None, 10).items.len() <= 1);
    };
    refused(&poor, "doesn't exist").await;
    super::role(&world, "poor", &["sso:DescribeInstance"]).await;
    refused(&poor, "Allow sso:DescribeApplication on arn:aws:sso::123456789012:application/ssoins-").await;
    super::role(&world, "poor", &["sso:DescribeApplication"]).await;
    refused(&poor, "sso:DescribeInstance").await;
    let made = call(&world, &form).await.ok();
    let arn = made.element("RedshiftIdcApplicationArn");
    let modify = format!(
        "Action=ModifyRedshiftIdcApplication&RedshiftIdcApplicationArn={arn}&IamRoleArn=arn:aws:iam::123456789012:role/poor"
    );
    refused(&modify, "sso:DescribeInstance").await;
    super::role(&world, "poor", &["sso:DescribeApplication", "sso:DescribeInstance"]).await;
    call(&world, &modify).await.ok();
}
