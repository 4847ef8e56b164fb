import Testing

@testable import TUF

/// What every role's metadata begins with: nothing that another implementation could not read.
@Suite struct HeaderTests {
  private func header(_ specification: String = "1.0.34", expires: String = "2026-01-01T00:00:00Z") throws -> Header {
    try Header(
      .object([
        "_type": .string("targets"), "spec_version": .string(specification), "version": .integer(1),
        "expires": .string(expires),
      ]), type: "targets")
  }

  @Test(arguments: ["1.0", "1.0.34", "1.12.0"]) func versionsOfTheSpecificationAreRead(_ text: String) throws {
    _ = try header(text)
  }

  @Test(arguments: ["", "1", "1.", "1.x", "1.0.", "1.0.0.0", "1.-3", "1.٣", "01.0", "2.0.0", "1.0.0-rc1"])
  func anythingElseIsUnsupported(_ text: String) {
    #expect(throws: TUFError(.unsupported, "")) { try header(text) }
  }

  @Test func theFirstYearIsOne() throws {
    #expect(try header(expires: "0001-01-01T00:00:00Z").expires == -62_135_596_800)
    #expect(throws: TUFError(.malformed, "")) { try header(expires: "0000-12-31T23:59:59Z") }
    #expect(ISO8601.format(-62_135_596_800) == "0001-01-01T00:00:00Z")
    #expect(ISO8601.format(-62_135_596_801) == nil)
  }
}
