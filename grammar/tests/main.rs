//! The text side of the language, from outside: any text is read, and layout keeps what it says.

mod language {
    mod fixtures;
    mod hostile;
    mod layout;
    pub mod reference;
}
