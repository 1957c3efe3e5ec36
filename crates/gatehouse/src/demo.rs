//! `--demo`: the organisation of both walkthroughs, made by the same calls that an administrator would use.

mod address;
mod aws;
mod identity;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use base::Secret;
use base::id::{ClusterId, NamespaceName, WorkgroupName};
use center::{AssignedPrincipal, CenterError};
use control::{NewNamespace, NewRedshiftIdcApplication, NewWorkgroup, RedshiftIdcApplication};
use directory::{Directory, NewGroup, NewUser};
use query::{DbConnection, Prepared, QueryError, Warehouse};

use crate::data_dir::{DataDir, write_private};
use crate::settings::{ACCOUNT, ADMIN_USER, CLUSTER, DATABASE, NAMESPACE, WORKGROUP};
use crate::wiring::{Gatehouse, first_password};
#[cfg(test)]
pub(crate) use aws::ensure_idc_role;

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
/// Walkthrough 2's group, at the identity provider and in the warehouse; who is in it.
const DB_GROUP: &str = "redshift_dbgroup";
const IN_DB_GROUP: &[&str] = &["ethan", "olivia"];

/// Makes the organisation if it isn't there whole; what an interrupted start left is completed. Answers everybody's password.
pub(crate) async fn ensure(gatehouse: &Gatehouse, data: &DataDir) -> anyhow::Result<Secret<String>> {
    let password = data.secret("demo-password", || Secret::new(format!("Demo-{}", base::random::hex::<6>())))?;
    let done = data.file("demo.done");
    if done.exists() {
        address::follow(gatehouse).await.context("the demo can't be told the server's address")?;
        return Ok(password);
    }
    people(&gatehouse.directory, &password).await.context("the demo's people can't be made")?;
    aws::ensure_idc_role(&gatehouse.iam).await.context("the demo's IAM role can't be made")?;
    let application = application(gatehouse).await.context("the demo's application can't be made")?;
    for warehouse in warehouses(gatehouse, data, &application).await.context("the demo's warehouses can't be made")? {
        tables(&warehouse, &application).await.context("the demo's tables can't be made")?;
    }
    identity::ensure(gatehouse, &password).await.context("the demo's identity provider can't be made")?;
    aws::ensure_saml(gatehouse).await.context("the demo's SAML federation can't be made")?;
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
        let members = PEOPLE.iter().filter(|(_, _, _, groups)| groups.contains(name)).map(|(user_name, ..)| *user_name);
        group(directory, name, members).await?;
    }
    Ok(())
}

async fn group(directory: &Arc<Directory>, name: &str, members: impl Iterator<Item = &str>) -> anyhow::Result<()> {
    if directory.group_by_name(name).is_none() {
        let members = members.filter_map(|user_name| Some(directory.user_by_name(user_name)?.id.clone())).collect();
        directory.create_group(NewGroup { display_name: name.to_owned(), members, ..NewGroup::default() }).await?;
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

/// The Redshift application, assigned to both groups.
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
                iam_role_arn: format!("arn:aws:iam::{ACCOUNT}:role/{}", aws::IDC_ROLE),
                redshift_connect: None,
                tags: BTreeMap::new(),
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
    Ok(application)
}

/// The first cluster and a serverless workgroup, both connected to the application. They share the administrator's name and password.
async fn warehouses(
    gatehouse: &Gatehouse,
    data: &DataDir,
    application: &RedshiftIdcApplication,
) -> anyhow::Result<Vec<Arc<Warehouse>>> {
    let control = &gatehouse.control;
    gatehouse.ensure_first_cluster(data, Some(application.arn.clone())).await?;
    let cluster = control.cluster(&ClusterId::new(CLUSTER));
    if let Some(cluster) = cluster.as_ref().filter(|cluster| cluster.idc_application.is_none()) {
        // made by an earlier start without --demo
        control.connect_cluster(&cluster.identifier, Some(&application.arn)).await?;
    }
    let namespace = match control.namespace(&NamespaceName::new(NAMESPACE)) {
        Some(namespace) => namespace,
        None => control.create_namespace(new_namespace(data, application)?).await?,
    };
    let workgroup = WorkgroupName::new(WORKGROUP);
    if control.workgroup(&workgroup).is_none() {
        let new = NewWorkgroup {
            name: workgroup,
            namespace: namespace.name.clone(),
            port: None,
            publicly_accessible: false,
            tags: BTreeMap::new(),
            security_group_ids: Vec::new(),
            subnet_ids: Vec::new(),
            config: BTreeMap::new(),
        };
        control.create_workgroup(new).await?;
    }
    let ids = cluster.iter().map(|cluster| &cluster.warehouse).chain([&namespace.warehouse]);
    ids.map(|id| gatehouse.warehouses.get(id).with_context(|| format!("the warehouse {id} isn't open"))).collect()
}

fn new_namespace(data: &DataDir, application: &RedshiftIdcApplication) -> anyhow::Result<NewNamespace> {
    Ok(NewNamespace {
        name: NamespaceName::new(NAMESPACE),
        admin_username: Some(ADMIN_USER.to_owned()),
        admin_password: Some(first_password(data)?),
        manage_admin_password: false,
        db_name: Some(DATABASE.to_owned()),
        idc_application: Some(application.arn.clone()),
        iam_roles: Vec::new(),
        default_iam_role: None,
        tags: BTreeMap::new(),
    })
}

/// The statements of walkthrough 1. The identity provider is there already where the warehouse was made with its connection.
async fn tables(warehouse: &Arc<Warehouse>, application: &RedshiftIdcApplication) -> anyhow::Result<()> {
    let text = WAREHOUSE
        .replace("<idc_application_arn>", application.idc_managed_application_arn.as_str())
        .replace("<iam_role_arn>", &application.iam_role_arn);
    let mut connection = warehouse.open_as_administrator().await?;
    let outcome = run(&mut connection, &text).await;
    connection.close().await;
    outcome
}

/// In one transaction. What is there already, an earlier start that was interrupted has made.
async fn run(connection: &mut DbConnection, text: &str) -> anyhow::Result<()> {
    let statements = connection.parse_script(text)?;
    let [provider, seed @ ..] = statements.as_slice() else { return Ok(()) };
    for part in [std::slice::from_ref(provider), seed] {
        connection.begin_implicit().await?;
        let outcome = execute_all(connection, part).await;
        connection.end_implicit(outcome.is_ok()).await?;
        match outcome {
            // its first statement; so all of the part is there
            Err(error) if error.sqlstate == "42710" => {}
            other => other?,
        }
    }
    Ok(())
}

async fn execute_all(connection: &mut DbConnection, statements: &[Prepared]) -> Result<(), QueryError> {
    for statement in statements {
        connection.execute(statement, &[]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
