//! The labels the demo looks for, as the English Fluent files say them, and the names it plays with.

/// Who needs help.
pub const CUSTOMER_NAME: &str = "Maria Diaz";

/// The console's button that opens the dialog for a new session.
pub const NEW_SESSION: &str = "New session…";
/// The dialog's field for the customer's name.
pub const NAME_FIELD: &str = "Customer name";
/// The dialog's button that makes the session.
pub const CREATE: &str = "Create";
/// The dialog's button that closes it.
pub const DONE: &str = "Close";
/// The console's button that starts the selected session.
pub const START: &str = "Start";
/// The desktop's button that asks for control.
pub const CONTROL: &str = "Control";

/// The applet's field for the code.
pub const CODE_FIELD: &str = "Code";
/// The applet's button that sends it.
pub const CONNECT: &str = "Connect";
/// The applet's answer to what it asks.
pub const ALLOW: &str = "Allow";
/// Scrolls a question that is longer than its place.
pub const MORE: &str = "More below";
/// What stands in the applet while nobody has taken the session.
pub const WAITING: &str = "Waiting for";
