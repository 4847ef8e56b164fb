@testable import Proxies

extension FuzzTarget {
  static let scripts = [pacAnswer, pacFrame, pacQuestion]

  /// What a proxy auto-configuration script answers: each route reads back as itself.
  private static let pacAnswer = FuzzTarget("pac-answer", maximumLength: 1024) { (bytes) throws(Finding) in
    let text = String(decoding: bytes, as: UTF8.self)
    guard let routes = try? PACAnswer.parse(text) else { return false }
    let written = routes.map(\.description).joined(separator: "; ")
    let again = try mustSucceed("read again") { () throws in try PACAnswer.parse(written) }
    try require(again == routes, "'\(written)' reads as \(again)")
    for case .through(let endpoint) in routes {
      try require((1...65535).contains(endpoint.port) && !endpoint.host.isEmpty, "\(endpoint)")
      try require(endpoint.host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x40 && $0 != 0x2F }, "\(endpoint)")
    }
    return !routes.isEmpty
  }

  /// What an evaluator sends: cut anywhere, the same frames come out, and they are written as they came.
  private static let pacFrame = FuzzTarget("pac-frame", maximumLength: 4096) { (bytes) throws(Finding) in
    let whole = frames(bytes, piece: max(bytes.count, 1))
    for piece in [1, 3, 64] {
      let cut = frames(bytes, piece: piece)
      try require(cut.frames == whole.frames && cut.malformed == whole.malformed, "other frames in pieces of \(piece)")
    }
    try require(bytes.starts(with: whole.frames.flatMap(\.encoded)), "written differently")
    return !whole.frames.isEmpty
  }

  private static func frames(_ bytes: [UInt8], piece: Int) -> (frames: [PACFrame], malformed: Bool) {
    var buffer = PACFrameBuffer()
    var found: [PACFrame] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
      buffer.append(bytes[start..<min(start + piece, bytes.count)])
      do {
        while let frame = try buffer.next() { found.append(frame) }
      } catch {
        return (found, true)
      }
    }
    return (found, false)
  }

  /// A URL on its way to a script: no credentials, no fragment, and of anything but http no path.
  private static let pacQuestion = FuzzTarget("pac-question", maximumLength: 512) { (bytes) throws(Finding) in
    let url = String(decoding: bytes, as: UTF8.self)
    let question = PACQuestion(url: url, host: url)
    let separator = Array("://".utf8)
    guard question.url.utf8.firstRange(of: separator) != nil else {
      try require(question.url.isEmpty, "told: \(question.url)")
      return false
    }
    try require(!question.url.utf8.contains(UInt8(ascii: "#")), "fragment in \(question.url)")
    try require(question.url.utf8.starts(with: question.origin.utf8), "\(question.url) is not of \(question.origin)")
    try require(!question.origin.utf8.contains(UInt8(ascii: "@")), "credentials in \(question.origin)")
    if !question.url.hasPrefix("http://") {
      try require(
        question.url.utf8.elementsEqual(question.origin.utf8 + [UInt8(ascii: "/")]), "path in \(question.url)")
    }
    return true
  }
}
