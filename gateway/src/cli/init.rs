//! `init`: data folder, keys, CA, organisation, first administrator. Never over HTTP, and only once.

use anyhow::{Context, bail};
use farhand_protocol::code::parse_gateway;

use super::{InitArgs, config};
use crate::{
    accounts::{NewMember, Passwords, Role, add_member, check_new_password, create_organisation},
    audit,
    db::Db,
    folder::Keys,
    serve::now,
    tls::OwnCa,
};

pub(super) async fn run(args: InitArgs) -> anyhow::Result<()> {
    let (folder, mut settings, location) = config::resolve(&args.data)?;
    if folder.is_initialised() {
        bail!("{} holds a gateway already; nothing was changed", folder.root().display());
    }
    if args.org.trim().is_empty() || args.org.chars().count() > 128 {
        bail!("the organisation's name has 1 to 128 characters");
    }
    settings.public_url = args
        .public_url
        .as_deref()
        .map(parse_gateway)
        .transpose()
        .context("--public-url")?
        .or(settings.public_url);
    settings.database = args.data.database.clone().or(settings.database);
    let password = config::new_password()?;
    check_new_password(&password, &args.admin_email)?;
    folder.create()?;
    let db = Db::open(&location).await?;
    let hash = Passwords::new()?.hash(&password).await?;
    let mut tx = db.write().await?;
    if sqlx::query("SELECT name FROM organisation")
        .fetch_optional(&mut *tx)
        .await?
        .is_some()
    {
        bail!("this database holds an organisation already; nothing was changed");
    }
    create_organisation(&mut tx, args.org.trim(), now()).await?;
    let admin = NewMember {
        email: &args.admin_email,
        name: &args.admin_name,
        role: Role::Master,
        password_hash: &hash,
    };
    let member_id = add_member(&mut tx, &admin, now()).await?;
    audit::record(
        &mut tx,
        now(),
        Some(member_id),
        "organisation.created",
        args.org.trim(),
        "command line",
    )
    .await?;
    let ca = OwnCa::create(&folder, args.org.trim())?;
    settings.save(&folder)?;
    tx.commit().await?;
    // Last, because it says that everything else is there.
    Keys::generate()?.save(&folder)?;
    db.close().await;
    crate::secret::write_private_mode(&folder.database_file())?;
    if args.json {
        println!(
            "{}",
            serde_json::json!({ "organisation": args.org.trim(), "admin_id": member_id, "trust": ca.trust() })
        );
    } else {
        println!("organisation {} made; first administrator {}", args.org.trim(), args.admin_email);
        println!("trust {}", ca.trust());
        println!("next: farhand-gateway serve --data {} --listen IP:PORT", args.data.data.display());
    }
    Ok(())
}
