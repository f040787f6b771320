//! `technician add|list|disable|enable|password|sign-out`. They work on the database, beside a gateway that runs, which notices within a second.

use anyhow::Context;

use super::{DataArgs, TechnicianCommand, config, open_initialised};
use crate::{
    accounts::{
        Member, NewMember, Passwords, Role, add_member, check_new_password, list_members, member_by_email, revoke_tokens, set_disabled,
        set_password,
    },
    audit,
    db::Db,
    serve::now,
};

pub(super) async fn run(command: TechnicianCommand) -> anyhow::Result<()> {
    match command {
        TechnicianCommand::Add { data, email, name, json } => add(&data, &email, &name, json).await,
        TechnicianCommand::List { data, json } => list(&data, json).await,
        TechnicianCommand::Disable { data, email } => bar(&data, &email, true).await,
        TechnicianCommand::Enable { data, email } => bar(&data, &email, false).await,
        TechnicianCommand::Password { data, email } => password(&data, &email).await,
        TechnicianCommand::SignOut { data, email } => sign_out(&data, &email).await,
    }
}

async fn find(db: &Db, email: &str) -> anyhow::Result<Member> {
    member_by_email(db, email)
        .await?
        .with_context(|| format!("there is no account {email}"))
}

async fn add(data: &DataArgs, email: &str, name: &str, json: bool) -> anyhow::Result<()> {
    let db = open_initialised(data).await?;
    let password = config::new_password()?;
    check_new_password(&password, email)?;
    let hash = Passwords::new()?.hash(&password).await?;
    let mut tx = db.write().await?;
    let member_id = add_member(
        &mut tx,
        &NewMember {
            email,
            name,
            role: Role::Technician,
            password_hash: &hash,
        },
        now(),
    )
    .await?;
    audit::record(&mut tx, now(), None, "technician.added", email, "command line").await?;
    tx.commit().await?;
    db.close().await;
    if json {
        println!("{}", serde_json::json!({ "member_id": member_id, "email": email, "name": name }));
    } else {
        println!("technician {member_id} {email} added");
    }
    Ok(())
}

async fn list(data: &DataArgs, json: bool) -> anyhow::Result<()> {
    let members = list_members(&open_initialised(data).await?).await?;
    if json {
        println!("{}", serde_json::to_string(&members)?);
        return Ok(());
    }
    for member in members {
        let barred = if member.disabled { "  disabled" } else { "" };
        println!(
            "{:>6}  {:<14}  {}  {}{barred}",
            member.member_id, member.role, member.email, member.name
        );
    }
    Ok(())
}

async fn bar(data: &DataArgs, email: &str, disabled: bool) -> anyhow::Result<()> {
    let db = open_initialised(data).await?;
    let member = find(&db, email).await?;
    let mut tx = db.write().await?;
    set_disabled(&mut tx, member.member_id, disabled, now()).await?;
    let action = if disabled { "technician.disabled" } else { "technician.enabled" };
    audit::record(&mut tx, now(), None, action, email, "command line").await?;
    tx.commit().await?;
    db.close().await;
    println!("{email} {}", if disabled { "disabled" } else { "enabled" });
    Ok(())
}

async fn sign_out(data: &DataArgs, email: &str) -> anyhow::Result<()> {
    let db = open_initialised(data).await?;
    let member = find(&db, email).await?;
    let mut tx = db.write().await?;
    revoke_tokens(&mut tx, member.member_id, None, now()).await?;
    audit::record(&mut tx, now(), None, "account.signed_out_everywhere", email, "command line").await?;
    tx.commit().await?;
    db.close().await;
    println!("every sign-in of {email} has ended");
    Ok(())
}

async fn password(data: &DataArgs, email: &str) -> anyhow::Result<()> {
    let db = open_initialised(data).await?;
    let member = find(&db, email).await?;
    let password = config::new_password()?;
    check_new_password(&password, email)?;
    let hash = Passwords::new()?.hash(&password).await?;
    let mut tx = db.write().await?;
    set_password(&mut tx, member.member_id, &hash, None, now()).await?;
    audit::record(&mut tx, now(), None, "account.password_set", email, "command line").await?;
    tx.commit().await?;
    db.close().await;
    println!("password of {email} set; every sign-in of it has ended");
    Ok(())
}
