/// An operating system and a processor, such as `linux-x86_64`.
public struct Platform: Hashable, Sendable, Codable, CustomStringConvertible, Comparable, CodingKeyRepresentable {
  public static let rule = "SYSTEM-PROCESSOR in a-z, 0-9 and '_', such as linux-x86_64 or linux-aarch64"

  public static let linuxX86_64 = Platform(checked: "linux-x86_64")
  public static let linuxAArch64 = Platform(checked: "linux-aarch64")

  /// The platform that this program was built for.
  public static var host: Platform {
    #if arch(x86_64)
      linuxX86_64
    #elseif arch(arm64)
      linuxAArch64
    #else
      #error("no platform name for this processor yet")
    #endif
  }

  public let text: String

  /// Accepts platforms this program does not run on: a channel lists those of the whole fleet.
  ///
  /// - Throws: `.invalid`.
  public init(_ text: String) throws(ProductError) {
    let parts = text.utf8.split(separator: Letters.hyphen, omittingEmptySubsequences: false)
    let isWord = { (part: Substring.UTF8View) in
      !part.isEmpty
        && part.allSatisfy { Letters.lower.contains($0) || Letters.digits.contains($0) || $0 == Letters.underscore }
    }
    guard text.utf8.count <= 32, parts.count == 2, parts.allSatisfy(isWord) else {
      throw ProductError(.invalid, key: "platform", value: text, allowed: Platform.rule)
    }
    self.text = text
  }

  private init(checked text: String) { self.text = text }

  public var description: String { text }

  public static func < (left: Platform, right: Platform) -> Bool { left.text < right.text }

  public init(from decoder: any Decoder) throws {
    self = try decoder.text { text throws(ProductError) in try Platform(text) }
  }

  public func encode(to encoder: any Encoder) throws { try encoder.encode(text: text) }

  public var codingKey: any CodingKey { PlatformKey(stringValue: text) }

  public init?(codingKey: some CodingKey) {
    guard let platform = try? Platform(codingKey.stringValue) else { return nil }
    self = platform
  }
}

private struct PlatformKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
