/// An account of the device itself. A manifest may write it `.\admin`, as it is typed on machines that have joined a
/// domain: the dot is this machine, and what follows is the account's name.
public struct LocalAccount: Sendable, Hashable {
  /// As the manifest has it.
  public let text: String
  /// As the device's account file has it.
  public let name: String

  public init(_ text: String) {
    self.text = text
    name = text.hasPrefix(#".\"#) ? String(text.dropFirst(2)) : text
  }

  public var isQualified: Bool { text != name }
}
