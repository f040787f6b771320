//! `init`: data folder, keys, CA, organisation, first administrator. Never over HTTP, and only once.
//!
//! Files are written first, each whole, and the organisation is committed last: cut short anywhere before that, a second `init` finishes with what
//! is there; after it the gateway is complete.

use anyhow::{Context, bail};
use farhand_protocol::{code::parse_gateway, ids::MemberId};

use super::{InitArgs, config};
use crate::{
    accounts::{NewMember, Passwords, Role, add_member, check_account, check_new_password, create_organisation},
    audit,
    db::{Columns, Db, Location, Tx},
    folder::{Folder, Keys},
    serve::now,
    tls::OwnCa,
};

pub(super) async fn run(args: InitArgs) -> anyhow::Result<()> {
    let (folder, mut settings, location) = config::resolve(&args.data)?;
    let org = args.org.trim();
    if org.is_empty() || org.chars().count() > 128 {
        bail!("the organisation's name has 1 to 128 characters");
    }
    refuse_another_database(&folder, settings.database.as_deref(), args.data.database.as_deref())?;
    refuse_complete(&folder, &location).await?;
    settings.public_url = args
        .public_url
        .as_deref()
        .map(parse_gateway)
        .transpose()
        .context("--public-url")?
        .or(settings.public_url);
    settings.database = args.data.database.clone().or(settings.database);
    check_account(&args.admin_email, &args.admin_name)?;
    let password = config::new_password()?;
    check_new_password(&password, &args.admin_email)?;
    let hash = Passwords::new()?.hash(&password).await?;
    folder
        .create()
        .with_context(|| format!("the data folder {} cannot be made", folder.root().display()))?;
    let ca = files(&folder, &settings, org)?;
    let db = Db::open(&location).await?;
    if let Location::File(path) = &location {
        crate::secret::write_private_mode(path)?;
    }
    let mut tx = db.write().await?;
    let member_id = people(&mut tx, &args, &hash).await?;
    // Last, because it says that everything else is there.
    tx.commit().await?;
    db.close().await;
    if args.json {
        println!(
            "{}",
            serde_json::json!({ "organisation": org, "admin_id": member_id, "trust": ca.trust() })
        );
    } else {
        println!("organisation {org} made; first administrator {}", args.admin_email);
        println!("trust {}", ca.trust());
        println!("next: farhand-gateway serve --data {} --listen IP:PORT", args.data.data.display());
    }
    Ok(())
}

/// The folder's keys belong to one database: another one under them would be another gateway with the same keys.
fn refuse_another_database(folder: &Folder, named: Option<&str>, asked: Option<&str>) -> anyhow::Result<()> {
    if folder.is_initialised() && asked.is_some() && named != asked {
        bail!(
            "{} belongs to another database than --database; nothing was changed. Use another data folder, or leave --database out",
            folder.root().display()
        );
    }
    Ok(())
}

/// Asked before anything is touched, the tables of the database included.
async fn refuse_complete(folder: &Folder, location: &Location) -> anyhow::Result<()> {
    if let Location::File(path) = location
        && !path.exists()
    {
        return Ok(());
    }
    let db = Db::connect(location).await?;
    let row = sqlx::query("SELECT name FROM organisation").fetch_optional(db.read()).await;
    db.close().await;
    // No such table: nobody has begun here, or the first migration was cut short.
    let Some(name) = row.ok().flatten().map(|row| row.text("name")).transpose()? else {
        return Ok(());
    };
    if folder.is_initialised() {
        bail!(
            "{} holds the gateway of {name} already; nothing was changed",
            folder.root().display()
        );
    }
    bail!(
        "the database holds the organisation {name} already, but {} has no keys; nothing was changed. Restore the folder from a file of \
         `farhand-gateway backup` (tar -xf FILE -C {}), or name an empty database",
        folder.root().display(),
        folder.root().display()
    );
}

/// Keys, CA and settings; those an `init` before this one has left are kept.
fn files(folder: &Folder, settings: &config::ConfigFile, org: &str) -> anyhow::Result<OwnCa> {
    if !folder.is_initialised() {
        Keys::generate()?
            .save(folder)
            .with_context(|| format!("the keys cannot be written into {}", folder.keys().display()))?;
    }
    Keys::load(folder)?;
    let ca = if OwnCa::exists(folder) {
        OwnCa::load(folder)?
    } else {
        OwnCa::create(folder, org)?
    };
    settings.save(folder)?;
    Ok(ca)
}

async fn people(tx: &mut Tx, args: &InitArgs, hash: &str) -> anyhow::Result<MemberId> {
    create_organisation(tx, args.org.trim(), now()).await?;
    let admin = NewMember {
        email: &args.admin_email,
        name: &args.admin_name,
        role: Role::Master,
        password_hash: hash,
    };
    let member_id = add_member(tx, &admin, now()).await?;
    audit::record(tx, now(), Some(member_id), "organisation.created", args.org.trim(), "command line").await?;
    Ok(member_id)
}
