import Testing

@testable import Proxies

/// What errors repeat of what a person typed.
@Suite struct StringUserinfoTests {
  @Test(arguments: [
    ("http://u:p@b:2", "http://***@b:2"), ("https=http://u:p@b:2", "https=http://***@b:2"),
    ("u:p@b:2", "***@b:2"), ("http://u:p@ss/w:rd@b/x", "http://***@b/x"), ("http://u@b", "http://***@b"),
    ("The value 'http://u:p@b' is invalid", "The value 'http://***@b' is invalid"),
    ("HTTP:\\\\u:p@b", "***@b"), ("getty@1.service", "getty@1.service"), ("http://b/x", "http://b/x"), ("", ""),
  ])
  func aPasswordIsNotRepeated(_ text: String, _ shown: String) { #expect(text.withoutUserinfo() == shown) }

  @Test(arguments: ["http://u:hunter2@b:2", "a:1,u:hunter2@b:2", "http://u:hunter2,3@b:2", "a:1,https=u:hunter2@b:2"])
  func aServerWithAPasswordIsRefusedWithoutIt(_ text: String) throws {
    let error = try #require(throws: ProxySettingsError.self) { try ManualProxy.list(text) }
    #expect(!error.description.contains("hunter2") && error.description.contains("slipway proxy credentials"))
  }

  @Test func norIsThatOfAScriptsAddress() throws {
    let error = try #require(throws: ProxySettingsError.self) { try ScriptSource(parsing: "http://u:hunter2@b/p.pac") }
    #expect(error.value == "http://***@b/p.pac")
  }
}
