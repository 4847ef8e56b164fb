import Product
import Testing

@Suite struct SemanticVersionTests {
  /// SemVer 2.0, clause 11, and its neighbours; each is less than all that follow.
  static let ascending = [
    "0.0.0-0", "0.0.1-alpha", "0.0.1", "1.0.0-0", "1.0.0-2", "1.0.0-11", "1.0.0-99999999999999999999998",
    "1.0.0-99999999999999999999999", "1.0.0--", "1.0.0-A", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.5.1-acme.1", "1.5.1", "1.9.0", "1.10.0", "1.11.0",
    "2.0.0", "2.1.0", "2.1.1", "18446744073709551615.0.0",
  ]

  @Test func ordersByThePrecedenceOfTheSpecification() throws {
    let versions = try SemanticVersionTests.ascending.map { try SemanticVersion($0) }
    for left in versions.indices {
      for right in versions.indices {
        #expect((versions[left] < versions[right]) == (left < right), "\(versions[left]) < \(versions[right])")
        #expect((versions[left] == versions[right]) == (left == right))
      }
    }
  }

  @Test(
    arguments: SemanticVersionTests.ascending + ["1.0.0-0A.is.legal", "1.2.3----R-S.12.9.1--.12", "1.0.0-alpha-a.b-c"])
  func keepsItsText(_ text: String) throws {
    #expect(try SemanticVersion(text).description == text)
  }

  @Test(arguments: [
    "", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "-1.2.3", "+1.2.3", "1.2.x", "v1.2.3", " 1.2.3", "1.2.3 ",
    "1.2.3-", "1.2.3-a..b", "1.2.3-01", "1.2.3-a.00", "1.2.3-ä", "1.2.3-a_b", "1.2.3+build", "1.2.3-rc.1+build.5",
    "1..3",
    "1.2.3-a/b", "1.2.3\n", "١.٢.٣", "18446744073709551616.0.0", "1.2.3-" + String(repeating: "a", count: 60),
  ])
  func refusesWhatIsNoVersion(_ text: String) {
    #expect(throws: ProductError(.invalid, key: "version", value: text, allowed: "")) { try SemanticVersion(text) }
  }
}
