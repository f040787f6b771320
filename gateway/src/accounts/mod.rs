//! Members of the organisation: accounts, what their group permits, sign-in and tokens (ORG-80 to ORG-113, ORG-149).

mod members;
mod passwords;
mod sign_in;

pub use members::{
    DEEPEST_GROUP, Member, NewMember, Role, add_member, ceiling_of_group, check_account, create_organisation, group_by_name, list_members,
    member_by_email, member_by_id, revoke_tokens, set_disabled, set_password,
};
pub use passwords::{MIN_PASSWORD_CHARS, Passwords, check_new_password};
pub use sign_in::{SignedIn, change_password, has_sign_in, sign_in, sign_out, technician_of_hash, technician_of_token};
