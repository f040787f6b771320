//! Accounts in the database, and the permissions a member has through the group (ORG-80 to ORG-110).

use farhand_protocol::{
    api::MemberRow,
    error::{ErrorBody, ErrorCode},
    ids::MemberId,
    permission::{CapabilitySet, Permission, RecordingPolicy},
    time::Timestamp,
};
use sqlx::{Row, any::AnyRow};

use crate::{
    db::{Columns, Db, Tx, next_id, note_accounts},
    error::{HttpError, Result},
};

/// Most sessions a technician has Active at once unless set otherwise (CON-38).
pub const DEFAULT_MAX_ACTIVE: i64 = 10;
const ROOT_GROUP: &str = "Technicians";
/// Groups looked at from one upwards, at most.
pub const DEEPEST_GROUP: usize = 32;
/// The group above all others.
const ROOT: &str = "SELECT MIN(group_id) FROM technician_groups WHERE parent_id IS NULL";

/// What a member is (GLO-17 to GLO-19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Full control.
    Master,
    /// Manages groups.
    Administrator,
    /// Handles sessions.
    Technician,
}

impl Role {
    /// The stored code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Administrator => "administrator",
            Self::Technician => "technician",
        }
    }

    fn from_code(code: &str) -> Self {
        match code {
            "master" => Self::Master,
            "administrator" => Self::Administrator,
            _ => Self::Technician,
        }
    }
}

/// A member as requests need it.
#[derive(Debug, Clone)]
pub struct Member {
    /// The account.
    pub member_id: MemberId,
    /// The technician group.
    pub group_id: i64,
    /// What the member is.
    pub role: Role,
    /// Address of the account.
    pub email: String,
    /// Full name, for colleagues.
    pub name: String,
    /// The name customers see: the nickname, else the name (GLO-27).
    pub shown_name: String,
    /// Argon2id.
    pub password_hash: String,
    /// May not sign in.
    pub disabled: bool,
    /// CON-38.
    pub max_active_sessions: u32,
    /// What the group permits.
    pub permissions: Vec<Permission>,
}

impl Member {
    /// True for administrators and master administrators.
    pub fn is_administrator(&self) -> bool {
        self.role != Role::Technician
    }

    /// True when the group has the permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Refuses with the key of the permission unless the group has it (ORG-113).
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(HttpError(ErrorBody::missing(permission.key())))
        }
    }

    /// Most a ticket for this member can carry.
    pub fn ceiling(&self) -> CapabilitySet {
        CapabilitySet::ceiling(&self.permissions)
    }

    /// ORG-91: with the permission the customer is asked each time, unless a policy says otherwise.
    pub fn recording(&self) -> RecordingPolicy {
        if self.may(Permission::RecordSessions) {
            RecordingPolicy::WithConsent
        } else {
            RecordingPolicy::Never
        }
    }
}

/// An account to be made.
#[derive(Debug)]
pub struct NewMember<'a> {
    /// Address.
    pub email: &'a str,
    /// Name.
    pub name: &'a str,
    /// What the member is.
    pub role: Role,
    /// Hash of the password.
    pub password_hash: &'a str,
}

/// Makes the organisation with its root group, every permission at its default.
pub async fn create_organisation(tx: &mut Tx, name: &str, now: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO organisation (organisation_id, name, created_at) VALUES (1, $1, $2)")
        .bind(name)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    let group_id = next_id(tx, "group").await?;
    sqlx::query("INSERT INTO technician_groups (group_id, parent_id, name, created_at) VALUES ($1, NULL, $2, $3)")
        .bind(group_id)
        .bind(ROOT_GROUP)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    for permission in Permission::ALL {
        sqlx::query("INSERT INTO group_permissions (group_id, permission, is_on, locked) VALUES ($1, $2, $3, 0)")
            .bind(group_id)
            .bind(permission.key())
            .bind(i64::from(permission.default_on()))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Makes an account in the root group.
pub async fn add_member(tx: &mut Tx, new: &NewMember<'_>, now: Timestamp) -> Result<MemberId> {
    let (email, name) = check_account(new.email, new.name)?;
    let taken = sqlx::query("SELECT member_id FROM members WHERE email_key = $1")
        .bind(email.to_lowercase())
        .fetch_optional(&mut **tx)
        .await?;
    if taken.is_some() {
        return Err(HttpError::malformed(format!("{email} has an account already")));
    }
    let group = sqlx::query(ROOT).fetch_one(&mut **tx).await?;
    let group_id: i64 = group.try_get(0)?;
    let member_id = next_id(tx, "member").await?;
    sqlx::query(
        "INSERT INTO members (member_id, group_id, role, email, email_key, name, nickname, password_hash, password_changed_at, disabled, \
         max_active_sessions, revision, created_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8, 0, $9, 0, $10)",
    )
    .bind(member_id)
    .bind(group_id)
    .bind(new.role.code())
    .bind(&email)
    .bind(email.to_lowercase())
    .bind(name)
    .bind(new.password_hash)
    .bind(now.0)
    .bind(DEFAULT_MAX_ACTIVE)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(MemberId(member_id))
}

/// Every account, by number.
pub async fn list_members(db: &Db) -> Result<Vec<MemberRow>> {
    let rows = sqlx::query("SELECT member_id, email, name, role, disabled FROM members ORDER BY member_id")
        .fetch_all(db.read())
        .await?;
    rows.iter()
        .map(|row| {
            Ok(MemberRow {
                member_id: MemberId(row.int("member_id")?),
                email: row.text("email")?,
                name: row.text("name")?,
                role: row.text("role")?,
                disabled: row.int("disabled")? != 0,
            })
        })
        .collect()
}

const BY_EMAIL: &str = "SELECT * FROM members WHERE email_key = $1";
const BY_ID: &str = "SELECT * FROM members WHERE member_id = $1";

/// The account of an address, in any case.
pub async fn member_by_email(db: &Db, email: &str) -> Result<Option<Member>> {
    match sqlx::query(BY_EMAIL)
        .bind(email.trim().to_lowercase())
        .fetch_optional(db.read())
        .await?
    {
        Some(row) => member_from(db, &row).await.map(Some),
        None => Ok(None),
    }
}

/// The account of a number.
pub async fn member_by_id(db: &Db, member_id: MemberId) -> Result<Option<Member>> {
    match sqlx::query(BY_ID).bind(member_id.0).fetch_optional(db.read()).await? {
        Some(row) => member_from(db, &row).await.map(Some),
        None => Ok(None),
    }
}

/// The technician group of a name, or the root group where none is given.
pub async fn group_by_name(db: &Db, name: Option<&str>) -> Result<i64> {
    let Some(name) = name else {
        return Ok(sqlx::query(ROOT).fetch_one(db.read()).await?.try_get(0)?);
    };
    let rows = sqlx::query("SELECT group_id FROM technician_groups WHERE name = $1 ORDER BY group_id LIMIT 2")
        .bind(name)
        .fetch_all(db.read())
        .await?;
    match rows.as_slice() {
        [] => Err(HttpError::malformed(format!("there is no technician group {name}"))),
        [row] => Ok(row.int("group_id")?),
        _ => Err(HttpError::malformed(format!("several technician groups are called {name}"))),
    }
}

/// Bars or admits an account; barring ends its tokens.
pub async fn set_disabled(tx: &mut Tx, member_id: MemberId, disabled: bool, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE members SET disabled = $1, revision = revision + 1 WHERE member_id = $2")
        .bind(i64::from(disabled))
        .bind(member_id.0)
        .execute(&mut **tx)
        .await?;
    if disabled {
        revoke_tokens(tx, member_id, None, now).await?;
    }
    Ok(note_accounts(tx).await?)
}

/// Stores a new password and ends every token but `keep`.
pub async fn set_password(tx: &mut Tx, member_id: MemberId, hash: &str, keep: Option<&str>, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE members SET password_hash = $1, password_changed_at = $2, revision = revision + 1 WHERE member_id = $3")
        .bind(hash)
        .bind(now.0)
        .bind(member_id.0)
        .execute(&mut **tx)
        .await?;
    revoke_tokens(tx, member_id, keep, now).await
}

/// Ends every token of a member but `keep`.
pub async fn revoke_tokens(tx: &mut Tx, member_id: MemberId, keep: Option<&str>, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE tokens SET revoked_at = $1 WHERE member_id = $2 AND revoked_at IS NULL AND token_hash <> $3")
        .bind(now.0)
        .bind(member_id.0)
        .bind(keep.unwrap_or(""))
        .execute(&mut **tx)
        .await?;
    Ok(note_accounts(tx).await?)
}

/// Most a ticket for a member of this group can carry.
pub async fn ceiling_of_group(db: &Db, group_id: i64) -> Result<CapabilitySet> {
    Ok(CapabilitySet::ceiling(&permissions_of(db, group_id).await?))
}

async fn member_from(db: &Db, row: &AnyRow) -> Result<Member> {
    let group_id = row.int("group_id")?;
    let name = row.text("name")?;
    Ok(Member {
        member_id: MemberId(row.int("member_id")?),
        group_id,
        role: Role::from_code(&row.text("role")?),
        email: row.text("email")?,
        shown_name: row
            .text_or_none("nickname")?
            .filter(|n| !n.is_empty())
            .unwrap_or_else(|| name.clone()),
        name,
        password_hash: row.text("password_hash")?,
        disabled: row.int("disabled")? != 0,
        max_active_sessions: u32::try_from(row.int("max_active_sessions")?).unwrap_or(0),
        permissions: permissions_of(db, group_id).await?,
    })
}

/// The nearest group upwards that says something about a permission decides; where none does, the default.
async fn permissions_of(db: &Db, group_id: i64) -> Result<Vec<Permission>> {
    let mut decided: Vec<(Permission, bool)> = Vec::new();
    let mut group = Some(group_id);
    for _ in 0..DEEPEST_GROUP {
        let Some(id) = group else { break };
        let rows = sqlx::query("SELECT permission, is_on FROM group_permissions WHERE group_id = $1")
            .bind(id)
            .fetch_all(db.read())
            .await?;
        for row in &rows {
            if let Some(permission) = Permission::parse(&row.text("permission")?).filter(|p| decided.iter().all(|(known, _)| known != p)) {
                decided.push((permission, row.int("is_on")? != 0));
            }
        }
        if decided.len() == Permission::ALL.len() {
            break;
        }
        let parent = sqlx::query("SELECT parent_id FROM technician_groups WHERE group_id = $1")
            .bind(id)
            .fetch_optional(db.read())
            .await?;
        group = parent.map(|row| row.int_or_none("parent_id")).transpose()?.flatten();
    }
    let is_on = |p: &Permission| decided.iter().find(|(known, _)| known == p).map_or(p.default_on(), |(_, on)| *on);
    Ok(Permission::ALL.iter().copied().filter(is_on).collect())
}

/// Address and name as they are stored; refused where they are not.
pub fn check_account<'a>(email: &str, name: &'a str) -> Result<(String, &'a str)> {
    let (email, name) = (check_email(email)?, name.trim());
    if name.is_empty() || name.chars().count() > 128 {
        return Err(HttpError::malformed("a name has 1 to 128 characters"));
    }
    Ok((email, name))
}

fn check_email(email: &str) -> Result<String> {
    let email = email.trim();
    let fits = email.len() <= 254
        && email
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if !fits || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(HttpError::new(
            ErrorCode::RequestMalformed,
            format!("{email:?} is not an e-mail address"),
        ));
    }
    Ok(email.to_owned())
}
