/// A text with translations by language tag (`de`, `pt-BR`).
public struct LocalizedText: Equatable, Sendable, Codable {
  /// What is shown when no translation fits.
  public var text: String
  public var byLanguage: [String: String]

  public init(_ text: String, byLanguage: [String: String] = [:]) {
    self.text = text
    self.byLanguage = byLanguage
  }

  /// The text for a language tag; `de_AT.UTF-8` finds `de-AT`, then `de`.
  public func text(for language: String) -> String {
    let plain = language.prefix { $0 != "." && $0 != "@" }
    let parts = plain.split { $0 == "_" || $0 == "-" }
    if parts.count > 1, let exact = byLanguage["\(parts[0])-\(parts[1])"] { return exact }
    return parts.first.flatMap { byLanguage[String($0)] } ?? text
  }

  enum CodingKeys: String, CodingKey { case text, byLanguage }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(String.self, forKey: .text), byLanguage: try container.value(.byLanguage, or: [:]))
  }
}
