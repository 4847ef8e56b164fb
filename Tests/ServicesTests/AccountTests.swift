import Testing

@testable import Services

@Suite struct AccountTests {
  static let passwd = Array(
    """
    root:x:0:0:root:/root:/bin/sh
    room:x:64802:64803:Room,,,:/nonexistent:/usr/sbin/nologin
    broken:x:12
    word:x:abc:12::/:/bin/sh

    """.utf8)
  static let group = Array("audio:x:29:other,room\nvideo:x:44:roomer\nroom:x:64803:\n".utf8)

  @Test func findsNumbersAndGroups() {
    #expect(
      Account.parse("room", passwd: Self.passwd, group: Self.group)
        == Account(name: "room", user: 64802, group: 64803, groups: [64803, 29], home: "/nonexistent"))
  }

  @Test(arguments: ["nobody", "broken", "word", "", "roo"])
  func findsNothingElse(name: String) {
    #expect(Account.parse(name, passwd: Self.passwd, group: Self.group) == nil)
  }
}
