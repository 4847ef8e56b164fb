/// A version of numbers and dots, such as glibc's `2.36` or the kernel's `6.1.0-18-amd64`, of which `6.1.0` counts.
public struct DottedVersion: Sendable, Comparable, CustomStringConvertible {
  public let numbers: [Int]

  /// nil unless `text` begins with a number.
  public init?(_ text: String) {
    var numbers: [Int] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let digits = part.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits) else { break }
      numbers.append(number)
      if digits.count < part.count { break }
    }
    guard !numbers.isEmpty else { return nil }
    self.numbers = numbers
  }

  public init(_ numbers: Int...) { self.numbers = numbers }

  public static func == (a: DottedVersion, b: DottedVersion) -> Bool { !(a < b) && !(b < a) }

  /// Missing numbers count as zero.
  public static func < (a: DottedVersion, b: DottedVersion) -> Bool {
    for index in 0..<max(a.numbers.count, b.numbers.count) {
      let left = index < a.numbers.count ? a.numbers[index] : 0
      let right = index < b.numbers.count ? b.numbers[index] : 0
      if left != right { return left < right }
    }
    return false
  }

  public var description: String { numbers.map(String.init).joined(separator: ".") }
}
