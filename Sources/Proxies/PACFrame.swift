/// One message between the one who asks and the evaluator of a proxy auto-configuration script.
///
/// On the wire: the length of what follows (4 bytes, little-endian), the kind (1 byte), then fields, each with its own
/// length (4 bytes) before it.
public struct PACFrame: Equatable, Sendable {
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// To the evaluator: name, text, memory (bytes), computing (milliseconds).
    case script = 1
    /// To the evaluator: URL, host, time (milliseconds since 1970), local offset from UTC (seconds).
    case question = 2
    /// To the evaluator, after a look-up: one address a field; none where there is none.
    case addresses = 3
    /// From the evaluator, unasked and first: its user, then how each attempt on its confinement was refused.
    case ready = 16
    /// From the evaluator: the script is loaded.
    case loaded = 17
    /// From the evaluator: kind of look-up, name.
    case lookup = 18
    /// From the evaluator: text that the script wants to be told.
    case alert = 19
    /// From the evaluator: what the script answered.
    case answer = 20
    /// From the evaluator: code of ``PACError``, line (0: none), message.
    case failure = 21
  }

  /// The most bytes of a frame: a script, and a little.
  public static let limit = (1 << 20) + 4096
  static let mostFields = 64

  public let kind: Kind
  public let fields: [[UInt8]]

  public init(_ kind: Kind, _ fields: [[UInt8]] = []) {
    self.kind = kind
    self.fields = fields
  }

  public init(_ kind: Kind, _ fields: String...) {
    self.init(kind, fields.map { Array($0.utf8) })
  }

  /// The field as text; invalid UTF-8 is replaced. Nil where there is none.
  public func text(_ index: Int) -> String? {
    fields.indices.contains(index) ? String(decoding: fields[index], as: UTF8.self) : nil
  }

  /// The field as a whole number; nil for anything else.
  public func number(_ index: Int) -> Int? {
    text(index).flatMap { Int($0) }
  }

  /// The bytes on the wire.
  public var encoded: [UInt8] {
    var body = [kind.rawValue]
    for field in fields { body += Self.littleEndian(field.count) + field }
    return Self.littleEndian(body.count) + body
  }

  private static func littleEndian(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

/// Bytes as they arrive, and the frames in them.
public struct PACFrameBuffer: Sendable {
  /// What arrived is no frame.
  public struct Malformed: Error, Equatable, Sendable {
    public let reason: String
  }

  private var bytes: [UInt8] = []
  private var start = 0

  public init() {}

  public mutating func append(_ more: some Collection<UInt8>) {
    bytes.removeFirst(start)
    start = 0
    bytes += more
  }

  /// The next whole frame; nil while there is none. After an error nothing more can be read.
  public mutating func next() throws(Malformed) -> PACFrame? {
    guard let length = number(at: start, end: bytes.count) else { return nil }
    guard length >= 1, length <= PACFrame.limit else { throw Malformed(reason: "a frame of \(length) bytes") }
    let end = start + 4 + length
    guard end <= bytes.count else { return nil }
    guard let kind = PACFrame.Kind(rawValue: bytes[start + 4]) else {
      throw Malformed(reason: "a frame of the unknown kind \(bytes[start + 4])")
    }
    var fields: [[UInt8]] = []
    var position = start + 5
    while position < end {
      guard let count = number(at: position, end: end), count <= end - position - 4 else {
        throw Malformed(reason: "a field that is longer than its frame")
      }
      guard fields.count < PACFrame.mostFields else { throw Malformed(reason: "a frame of too many fields") }
      fields.append(Array(bytes[position + 4..<position + 4 + count]))
      position += 4 + count
    }
    start = end
    return PACFrame(kind, fields)
  }

  private func number(at position: Int, end: Int) -> Int? {
    guard end - position >= 4 else { return nil }
    return (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
  }
}
