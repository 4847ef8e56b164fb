/// A moment in UTC, to the second; written as RFC 3339 with a capital Z (`2026-11-22T10:00:00Z`).
public struct Timestamp: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  public static let rule = "a time in UTC such as 2026-11-22T10:00:00Z, from the years 1970 to 9999"

  /// Seconds since 1970-01-01T00:00:00Z.
  public let seconds: Int64

  public init(seconds: Int64) {
    self.seconds = seconds
  }

  /// - Throws: `.invalid`.
  public init(_ text: String) throws(ProductError) {
    guard let seconds = Timestamp.parse(text) else {
      throw ProductError(.invalid, key: "time", value: text, allowed: Timestamp.rule)
    }
    self.seconds = seconds
  }

  public var description: String {
    let date = CivilDate(day: seconds.floored(by: 86_400))
    let rest = seconds.remainder(of: 86_400)
    return Timestamp.padded(date.year, 4) + "-" + Timestamp.padded(Int64(date.month), 2) + "-"
      + Timestamp.padded(Int64(date.day), 2) + "T" + Timestamp.padded(rest / 3_600, 2) + ":"
      + Timestamp.padded(rest / 60 % 60, 2) + ":" + Timestamp.padded(rest % 60, 2) + "Z"
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }

  public init(from decoder: any Decoder) throws {
    self = try decoder.text { text throws(ProductError) in try Timestamp(text) }
  }

  public func encode(to encoder: any Encoder) throws { try encoder.encode(text: description) }

  private static func parse(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count == 20, bytes[19] == UInt8(ascii: "Z") else { return nil }
    for (index, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] where [bytes[index]] != Array(mark.utf8)
    {
      return nil
    }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard Letters.digits.contains(byte) else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19), year >= 1970, hour < 24, minute < 60, second < 60,
      let date = CivilDate(year: Int64(year), month: month, day: day)
    else { return nil }
    return date.number * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
