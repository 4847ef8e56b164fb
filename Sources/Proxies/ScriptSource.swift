/// Where a proxy auto-configuration script is read.
public enum ScriptSource: Sendable, Hashable, CustomStringConvertible {
  static let rule =
    "http://HOST[:PORT]/PATH, https://... or file:///PATH, without user, password or fragment"

  /// An http or https URL.
  case web(String)
  /// An absolute path.
  case file(String)

  public init(parsing text: String) throws(ProxySettingsError) {
    let refused = ProxySettingsError(value: text, allowed: Self.rule)
    guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !"#\\\"<>".utf8.contains($0) })
    else { throw refused }
    if text.hasPrefix("file://") {
      let path = text.dropFirst("file://".count)
      guard path.hasPrefix("/"), path.utf8.count > 1, !path.utf8.contains(UInt8(ascii: "%")) else { throw refused }
      self = .file(String(path))
    } else {
      guard WebOrigin(text) != nil else { throw refused }
      self = .web(text)
    }
  }

  public var description: String {
    switch self {
    case .web(let url): url
    case .file(let path): "file://\(path)"
    }
  }
}
