import Testing

@testable import ProductTOML

@Suite struct KeyLinesTests {
  static let text = #"""
    a = 1 # c = 2
    b.c."d e" = [ # [x]
      { x = 1, y = { z = "}" } },
      [ 1, '''
    k = 9
    ''', "a\"]" ],
    ]
    [t]
    'q' = """
    f = 1 \
    """""
    [[t.list]]
    u = 1979-05-27T07:32:00Z
    [[t.list]]
    u = 2
      [t.list.sub]
    	v = 3
    [[t.list.sub2]]
    w = 1
    """#

  @Test(
    arguments: [
      ("a", 1), ("b", 2), ("b.c", 2), ("b.c.d e", 2), ("b.c.d e[0].x", 3), ("b.c.d e[0].y.z", 3), ("b.c.d e[1]", 4),
      ("b.c.d e[1][1]", 4), ("b.c.d e[1][2]", 6), ("t", 8), ("t.q", 9), ("t.list", 12), ("t.list[0]", 12),
      ("t.list[0].u", 13), ("t.list[1]", 14), ("t.list[1].u", 15), ("t.list[1].sub", 16), ("t.list[1].sub.v", 17),
      ("t.list[1].sub2[0].w", 19), ("t.list[1].absent", 14), ("c", nil), ("k", nil), ("f", nil),
    ] as [(String, Int?)])
  func findsTheLineOfAKey(_ key: String, _ line: Int?) {
    #expect(KeyLines(KeyLinesTests.text).line(of: key) == line)
  }

  /// Whatever it is given, it comes to an end, with what it has read until then: each prefix of a text is a text that
  /// breaks off somewhere else.
  @Test func comesToAnEndOnTextsThatBreakOff() {
    let firstLine = "a = 1 # c = 2\n".utf8.count
    for length in firstLine...KeyLinesTests.text.utf8.count {
      let prefix = String(decoding: KeyLinesTests.text.utf8.prefix(length), as: UTF8.self)
      for text in [prefix, prefix + "\\", prefix + "[[[", prefix + "= = ]"] {
        #expect(KeyLines(text).line(of: "a") == 1, "after \(length) bytes")
      }
    }
  }
}
