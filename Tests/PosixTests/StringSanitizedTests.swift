import Testing

@testable import Posix

@Suite struct StringSanitizedTests {
  @Test(arguments: [
    ("\u{1B}[2J\u{1B}]0;title\u{7}", "\u{FFFD}[2J\u{FFFD}]0;title\u{FFFD}"),
    ("a\nknown bad:  none", "a known bad:  none"),
    ("a\r\n\tb", "a   b"),
    ("\u{9B}31m\u{7F}\u{85}\u{0}", "\u{FFFD}31m\u{FFFD}\u{FFFD}\u{FFFD}"),
    ("exe.\u{202E}gpj\u{2066}\u{200F}\u{061C}", "exe.\u{FFFD}gpj\u{FFFD}\u{FFFD}\u{FFFD}"),
    ("prod\u{200B}ucts", "prod\u{FFFD}ucts"), ("a\u{AD}b\u{200D}c\u{FE0F}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
    ("x\u{E0041}\u{E007F}", "x\u{FFFD}\u{FFFD}"), ("é\u{200D}\u{200D}", "é\u{200D}\u{FFFD}"),
    ("\u{2028}x\u{2029}", "\u{FFFD}x\u{FFFD}"),
  ])
  func whatSteersATerminalIsReplaced(_ given: String, _ shown: String) { #expect(given.sanitized() == shown) }

  @Test(arguments: ["", "Größe 3 €", "日本語", "👩‍💻", "می‌خواهم", "café"])
  func ordinaryTextStays(_ text: String) { #expect(text.sanitized() == text) }

  @Test func longTextIsCut() {
    let shown = String(repeating: "a", count: 100_000).sanitized()
    #expect(shown == String(repeating: "a", count: 300) + "…")
    #expect(String(repeating: "e\u{301}", count: 100_000).sanitized(limit: 10).unicodeScalars.count == 11)
  }
}
