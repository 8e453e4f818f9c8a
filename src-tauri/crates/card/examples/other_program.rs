//! Another program at the smart-card service, for tests: it holds a card or greets it.
//!
//! ```text
//! other_program READER exclusive|transaction|greet MILLISECONDS
//! ```
//!
//! It says `held` when it has what it wants, and lets go after the time is over. `greet`
//! connects and lets go with a reset, again and again, as programs do that look at every card.

use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};
use std::ffi::CString;
use std::io::Write;
use std::time::{Duration, Instant};

type Fault = Box<dyn std::error::Error>;

fn main() -> Result<(), Fault> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [reader, manner, ms] = words.as_slice() else {
        return Err("other_program READER exclusive|transaction|greet MILLISECONDS".into());
    };
    let reader = CString::new(reader.as_str())?;
    let span = Duration::from_millis(ms.parse()?);
    let context = Context::establish(Scope::User)?;
    match manner.as_str() {
        "exclusive" => {
            let _card = context.connect(&reader, ShareMode::Exclusive, Protocols::ANY)?;
            say_held()?;
            std::thread::sleep(span);
        }
        "transaction" => {
            let mut card = context.connect(&reader, ShareMode::Shared, Protocols::ANY)?;
            let transaction = card.transaction()?;
            say_held()?;
            std::thread::sleep(span);
            transaction
                .end(Disposition::LeaveCard)
                .map_err(|(_, error)| error)?;
        }
        "greet" => greet(&context, &reader, span)?,
        other => return Err(format!("{other} is no manner").into()),
    }
    Ok(())
}

fn greet(context: &Context, reader: &CString, span: Duration) -> Result<(), Fault> {
    let begun = Instant::now();
    let mut has_told = false;
    while begun.elapsed() < span {
        // Where the card is held by somebody else it is greeted the next time.
        if let Ok(card) = context.connect(reader, ShareMode::Shared, Protocols::ANY) {
            drop(card.disconnect(Disposition::ResetCard));
            if !std::mem::replace(&mut has_told, true) {
                say_held()?;
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn say_held() -> std::io::Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "held")?;
    output.flush()
}
