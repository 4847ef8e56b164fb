import Testing

@testable import TUF

@Suite struct JSONEqualityTests {
  @Test func whatIsSignedDiffersWhereBytesDo() {
    #expect("caf\u{E9}" == "cafe\u{301}", "Swift's own answer, which is not the one wanted")
    #expect(JSONValue.string("caf\u{E9}") != .string("cafe\u{301}"))
    #expect(JSONValue.object(["caf\u{E9}": .null]) != .object(["cafe\u{301}": .null]))
    #expect(JSONValue.array([.integer(1), .bool(true)]) == .array([.integer(1), .bool(true)]))
    #expect(JSONValue.object(["a": .null]) != .object(["a": .null, "b": .null]))
    #expect(JSONValue.integer(1) != .bool(true))
  }
}

@Suite struct JSONTests {
  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "01", "-0", "1.0", "1e3", "9223372036854775808", "+1", "nul", "True", "{} {}",
    "{\"a\":1,\"a\":2}", "{\"\\u0061\":1,\"a\":2}", "{\"\u{e9}\":1,\"e\u{301}\":2}", "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\x\"", "\"a", "\"\\u12\"", "\"a\nb\"", "\u{feff}{}", "{a:1}", "'a'", "[1 2]", "NaN", "// c\n1",
  ]) func refusesWhatIsNotStrictJSON(_ text: String) {
    #expect(throws: TUFError(.malformed, "")) { try JSONValue(parsing: Array(text.utf8)) }
  }

  @Test(arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0, 0x22]])
  func refusesInvalidText(_ bytes: [UInt8]) {
    #expect(throws: TUFError(.malformed, "")) { try JSONValue(parsing: bytes) }
  }

  @Test(arguments: ["\u{301}\u{316}", "\u{F73}", "\u{F75}", "\u{F81}", "\u{344}"], [#"{"a@":1}"#, #"{"a":"a@"}"#])
  func refusesMarksThatTakeMinutesToPutInOrder(_ marks: String, _ place: String) throws {
    func text(_ count: Int) -> [UInt8] {
      place.utf8.flatMap { byte in
        byte == UInt8(ascii: "@") ? [UInt8](repeatElement(marks.utf8, count: count).joined()) : [byte]
      }
    }
    _ = try JSONValue(parsing: text(15))
    let start = ContinuousClock.now
    #expect(throws: TUFError(.malformed, "")) { try JSONValue(parsing: text(100_000)) }
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func nestsSixtyFourDeepAndNoDeeper() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(ascii: "["), count: depth) + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
    }
    _ = try JSONValue(parsing: nested(64))
    #expect(throws: TUFError(.malformed, "")) { try JSONValue(parsing: nested(65)) }
  }

  @Test func readsAllKindsOfValues() throws {
    let text = #" {"a": [null, true, false, -9223372036854775808, "\u00e9\ud83d\ude00\n\/\"\\"], "b": {}} "#
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(
      value
        == .object([
          "a": .array([.null, .bool(true), .bool(false), .integer(.min), .string("é😀\n/\"\\")]), "b": .object([:]),
        ]))
    #expect(try JSONValue(parsing: value.fileText()) == value)
  }

  @Test func membersAreFoundByTheirExactBytes() throws {
    let value = try JSONValue(parsing: Array("{\"\u{e9}\":1}".utf8))
    #expect(value["\u{e9}"] == .integer(1))
    #expect(value["e\u{301}"] == nil)
  }

  @Test func canonicalFormSortsByCodePointAndEscapesOnlyQuoteAndBackslash() throws {
    let text =
      #"{"b": [1, -2], "a": "q\"b\\s\nt\u0001é", "é": null, "\uff5e": true, "\ud83d\ude00": {"z": {}, "A": []}}"#
    let canonical = CanonicalJSON.encode(try JSONValue(parsing: Array(text.utf8)))
    let expected = "{\"a\":\"q\\\"b\\\\s\nt\u{1}é\",\"b\":[1,-2],\"é\":null,\"～\":true,\"😀\":{\"A\":[],\"z\":{}}}"
    #expect(String(decoding: canonical, as: UTF8.self) == expected)
  }

  @Test func fileTextIsTheSameEveryTime() throws {
    let value = try JSONValue(parsing: Array(#"{"b":[1,{}],"a":[],"c":"\t"}"#.utf8))
    let expected = "{\n \"a\": [],\n \"b\": [\n  1,\n  {}\n ],\n \"c\": \"\\u0009\"\n}\n"
    #expect(String(decoding: value.fileText(), as: UTF8.self) == expected)
  }
}

@Suite struct ISO8601Tests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799), ("2026-01-01T00:00:00Z", newYear),
      ("1969-12-31T23:59:59Z", -1), ("0001-01-01T00:00:00Z", -62_135_596_800),
      ("9999-12-31T23:59:59Z", 253_402_300_799),
      ("2100-03-01T00:00:00Z", 4_107_542_400),
    ] as [(String, Int64)]) func convertsBothWays(_ text: String, _ seconds: Int64)
  {
    #expect(ISO8601.parse(text) == seconds)
    #expect(ISO8601.format(seconds) == text)
  }

  @Test(arguments: [
    "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00",
    "2026-1-01T00:00:00Z", "2026-01-01 00:00:00Z", "",
  ]) func refusesOtherText(_ text: String) {
    #expect(ISO8601.parse(text) == nil)
  }

  @Test func refusesYearsOfFiveDigits() {
    #expect(ISO8601.format(253_402_300_800) == nil && ISO8601.format(.min) == nil)
  }
}
