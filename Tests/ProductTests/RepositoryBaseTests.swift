import Testing

@testable import Product

/// A repository's address as it is typed.
@Suite struct RepositoryBaseTests {
  @Test(arguments: [
    "not a url", "", "ftp://host/", "http://", "http://u:p@host/", "https://host/?q", "https://host/#f",
    "http://x/\"]\nevil=1", "https://host/a b",
  ])
  func whatIsNoAddressIsNone(_ text: String) { #expect(RepositoryBase(rawValue: text) == nil) }

  @Test func eachIsUsedOnceAndInOrder() throws {
    let bases = ["https://b/x", "https://a", "https://b/x/"].compactMap(RepositoryBase.init)
    var wishes = Configuration()
    wishes.use(bases)
    #expect(wishes.metadata == ["https://b/x/metadata/", "https://a/metadata/"])
    #expect(wishes.targets == ["https://b/x/targets/", "https://a/targets/"])
    #expect(wishes.problems().isEmpty)
    wishes.use([])
    #expect(wishes.metadata?.count == 2)
  }
}
