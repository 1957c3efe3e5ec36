//! `--demo`: the organisation of both walkthroughs, made by the same calls that an administrator would use.

use std::sync::Arc;

use anyhow::Context as _;
use base::Secret;
use base::id::{ClusterId, DirectoryUserId};
use center::{AssignedPrincipal, CenterError};
use control::{NewRedshiftIdcApplication, RedshiftIdcApplication};
use directory::{Directory, NewGroup, NewUser};

use crate::data_dir::{DataDir, write_private};
use crate::settings::{ACCOUNT, CLUSTER};
use crate::wiring::Gatehouse;

/// The statements of walkthrough 1, in its order.
const WAREHOUSE: &str = include_str!("demo/warehouse.sql");

/// Name, given name, family name, groups.
const PEOPLE: &[(&str, &str, &str, &[&str])] = &[
    ("ethan", "Ethan", "Sales", &["awssso-sales"]),
    ("fiona", "Fiona", "Finance", &["awssso-finance"]),
    ("olivia", "Olivia", "Both", &["awssso-sales", "awssso-finance"]),
    ("nina", "Nina", "None", &[]),
    ("admin", "Ada", "Admin", &[]),
];
const GROUPS: &[&str] = &["awssso-sales", "awssso-finance"];

/// Makes the organisation if it isn't there whole; what an interrupted start left is completed. Answers everybody's password.
pub(crate) async fn ensure(gatehouse: &Gatehouse, data: &DataDir) -> anyhow::Result<Secret<String>> {
    let password = data.secret("demo-password", || Secret::new(format!("Demo-{}", base::random::hex::<6>())))?;
    let done = data.file("demo.done");
    if done.exists() {
        return Ok(password);
    }
    people(&gatehouse.directory, &password).await.context("the demo's people can't be made")?;
    let application = application(gatehouse).await.context("the demo's application can't be made")?;
    warehouse(gatehouse, &application).await.context("the demo's tables can't be made")?;
    write_private(&done, b"")?;
    Ok(password)
}

async fn people(directory: &Arc<Directory>, password: &Secret<String>) -> anyhow::Result<()> {
    for (user_name, given_name, family_name, _) in PEOPLE {
        let user = match directory.user_by_name(user_name) {
            Some(user) => user,
            None => directory.create_user(person(user_name, given_name, family_name)).await?,
        };
        directory.set_password(&user.id, password.clone()).await?;
    }
    for name in GROUPS {
        let members: Vec<DirectoryUserId> = PEOPLE
            .iter()
            .filter(|(_, _, _, groups)| groups.contains(name))
            .filter_map(|(user_name, ..)| Some(directory.user_by_name(user_name)?.id.clone()))
            .collect();
        if directory.group_by_name(name).is_none() {
            let group = NewGroup { display_name: (*name).to_owned(), members, ..NewGroup::default() };
            directory.create_group(group).await?;
        }
    }
    Ok(())
}

fn person(user_name: &str, given_name: &str, family_name: &str) -> NewUser {
    NewUser {
        user_name: user_name.to_owned(),
        active: true,
        display_name: Some(format!("{given_name} {family_name}")),
        given_name: Some(given_name.to_owned()),
        family_name: Some(family_name.to_owned()),
        email: Some(format!("{user_name}@example.com")),
        ..NewUser::default()
    }
}

/// The Redshift application, assigned to both groups and connected to the cluster.
async fn application(gatehouse: &Gatehouse) -> anyhow::Result<Arc<RedshiftIdcApplication>> {
    let existing = gatehouse.control.idc_applications(None, 100).items.into_iter().next();
    let application = match existing {
        Some(application) => application,
        None => {
            let new = NewRedshiftIdcApplication {
                name: "redshift-idc-app".to_owned(),
                idc_instance_arn: gatehouse.instance().clone(),
                idc_display_name: "Amazon-Redshift".to_owned(),
                identity_namespace: Some("awsidc".to_owned()),
                iam_role_arn: format!("arn:aws:iam::{ACCOUNT}:role/EspressoRedshiftRole"),
            };
            gatehouse.control.create_idc_application(new).await?
        }
    };
    for name in GROUPS {
        let group = gatehouse.directory.group_by_name(name).with_context(|| format!("group {name} isn't there"))?;
        let principal = AssignedPrincipal::Group(group.id.clone());
        let arn = &application.idc_managed_application_arn;
        match gatehouse.center.create_assignment(arn, &principal, &*gatehouse.directory).await {
            // an earlier start was interrupted behind it
            Ok(()) | Err(CenterError::AssignmentExists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    gatehouse.control.connect_cluster(&ClusterId::new(CLUSTER), Some(&application.arn)).await?;
    Ok(application)
}

async fn warehouse(gatehouse: &Gatehouse, application: &RedshiftIdcApplication) -> anyhow::Result<()> {
    let text = WAREHOUSE
        .replace("<idc_application_arn>", application.idc_managed_application_arn.as_str())
        .replace("<iam_role_arn>", &application.iam_role_arn);
    let mut connection = gatehouse.warehouse.open_as_administrator().await?;
    let statements = connection.parse_script(&text)?;
    connection.begin_implicit().await?;
    let mut outcome = Ok(());
    for (place, statement) in statements.iter().enumerate() {
        match connection.execute(statement, &[]).await {
            Ok(_) => {}
            // the identity provider is there, so everything is: an earlier start was interrupted behind the commit
            Err(error) if place == 0 && error.sqlstate == "42710" => break,
            Err(error) => outcome = Err(error.into()),
        }
        if outcome.is_err() {
            break;
        }
    }
    connection.end_implicit(outcome.is_ok()).await?;
    connection.close().await;
    outcome
}

#[cfg(test)]
mod tests;
