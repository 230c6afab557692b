//! An input, read from the front: choices first, then lines, then the rest. Plain bytes, so that a seed is written by hand and
//! a mutation of one part leaves the others alone.

pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next byte; 0 where nothing is left.
    pub(crate) const fn byte(&mut self) -> u8 {
        let [first, rest @ ..] = self.0 else { return 0 };
        self.0 = rest;
        *first
    }

    /// The next two bytes.
    pub(crate) const fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// One of the choices, by the next byte.
    pub(crate) fn pick<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[usize::from(self.byte()) % choices.len()]
    }

    /// What stands before the next line feed, which is taken off too.
    pub(crate) fn line(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == b'\n').unwrap_or(self.0.len());
        let (line, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        line
    }

    /// All that is left.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// All that is left, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.0).into_owned()
    }
}

/// Text with so much behind it, for a few of 256 choices, that its length is about a limit: just below it, the limit itself, or
/// just above. The engine would rarely come so far by itself.
pub(crate) fn filled(mut text: String, choice: u8, limit: usize, filler: char) -> String {
    if let Some(beyond) = choice.checked_sub(u8::MAX - 4) {
        let missing = (limit - 2 + usize::from(beyond)).saturating_sub(text.len());
        text.extend(std::iter::repeat_n(filler, missing));
    }
    text
}
