/// Times and sizes as people write them.
public enum Quantity {
  public static let durationRule = "a time such as \"90s\", \"10min\", \"4h\", \"1h30min\" or \"14d\""
  static let sizeRule = "a size such as \"200MB\" (10^6 bytes) or \"1GiB\" (2^30 bytes)"
  static let rateRule = "bytes a second, such as \"500kB/s\" or \"2MiB/s\""

  /// Seconds; nil for what `durationRule` does not describe. `m` alone could be minutes or months, and is refused.
  public static func seconds(_ text: String) -> Int64? {
    let units: [String: Int64] = ["s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800]
    var total: Int64 = 0
    var rest = text[...]
    repeat {
      guard let (number, unit, tail) = next(rest), let factor = units[unit] else { return nil }
      let (product, overflow) = number.multipliedReportingOverflow(by: factor)
      let (sum, carry) = total.addingReportingOverflow(product)
      guard !overflow, !carry else { return nil }
      total = sum
      rest = tail
    } while !rest.isEmpty
    return total
  }

  /// Bytes; nil for what `sizeRule` does not describe.
  static func bytes(_ text: String) -> Int64? {
    let units: [String: Int64] = [
      "B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
      "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
    ]
    guard let (number, unit, tail) = next(text[...]), tail.isEmpty, let factor = units[unit] else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  /// Bytes a second.
  static func bytesPerSecond(_ text: String) -> Int64? {
    text.hasSuffix("/s") ? bytes(String(text.dropLast(2))) : nil
  }

  /// The next number with its unit, and what follows it.
  private static func next(_ text: Substring) -> (Int64, String, Substring)? {
    let isDigit = { (character: Character) in character.isASCII && character.isNumber }
    let digits = text.prefix(while: isDigit)
    let afterDigits = text.dropFirst(digits.count).drop { $0 == " " }
    let unit = afterDigits.prefix { !isDigit($0) && $0 != " " }
    guard let number = Int64(digits), !unit.isEmpty else { return nil }
    return (number, String(unit), afterDigits.dropFirst(unit.count).drop { $0 == " " })
  }
}
