//! `gatehouse user reset-password`

use serde_json::{Value, json};

use crate::client::{Client, GATEHOUSE, not_found, text};
use crate::options::{ResetPassword, UserCommand};

#[expect(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub(crate) async fn run(command: UserCommand) -> anyhow::Result<()> {
    let printed = match command {
        UserCommand::ResetPassword(options) => reset_password(&options).await?,
    };
    print!("{printed}");
    Ok(())
}

async fn reset_password(options: &ResetPassword) -> anyhow::Result<String> {
    let client = Client::open(&options.server.data_dir)?;
    let named = |error| {
        let unknown = || "no such user name; list them with: aws identitystore list-users".to_owned();
        not_found(error, unknown).context(format!("the password of {:?} isn't reset", options.name))
    };
    if !options.link {
        let input = json!({ "UserName": options.name });
        let answer = client.call(GATEHOUSE, "SetOneTimePassword", &input).await.map_err(named)?;
        return if options.server.json { Ok(format!("{answer:#}\n")) } else { one_time_password(&answer) };
    }
    let input = json!({ "UserName": options.name, "LifetimeMinutes": options.minutes });
    let mut answer = client.call(GATEHOUSE, "CreatePasswordResetLink", &input).await.map_err(named)?;
    let url = format!("{}{}", client.public_url(), text(&answer, "Path")?);
    if options.server.json {
        if let Some(members) = answer.as_object_mut() {
            members.insert("Url".to_owned(), url.into());
        }
        return Ok(format!("{answer:#}\n"));
    }
    Ok(format!(
        "{url}\n\nGive this link to {}: it lets them choose a new password, works once and ends after {}.\n",
        text(&answer, "UserName")?,
        lifetime(options.minutes),
    ))
}

fn one_time_password(answer: &Value) -> anyhow::Result<String> {
    Ok(format!(
        "{}\n\nGive this one-time password to {}: they sign in with it once and must choose another one then. It isn't shown \
         again.\n",
        text(answer, "OneTimePassword")?,
        text(answer, "UserName")?,
    ))
}

/// In the largest unit that says it whole.
fn lifetime(minutes: u32) -> String {
    let (count, unit) = match minutes {
        _ if minutes.is_multiple_of(24 * 60) => (minutes / (24 * 60), "day"),
        _ if minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        _ => (minutes, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::lifetime;

    #[test]
    fn lifetimes_read_well() {
        for (minutes, text) in [(1, "1 minute"), (90, "90 minutes"), (60, "1 hour"), (1440, "1 day"), (10080, "7 days")]
        {
            assert_eq!(lifetime(minutes), text);
        }
    }
}
