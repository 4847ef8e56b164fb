extension String {
  /// The text with `***` in the place of every user and password that an address in it may have (RFC 3986, 3.2.1): errors
  /// repeat what a person wrote, and end up in logs.
  ///
  /// An address that cannot be read is hidden as far as the last `@` of its word.
  public func withoutUserinfo() -> String {
    split(separator: " ", omittingEmptySubsequences: false).map { Self.hidden($0) }.joined(separator: " ")
  }

  private static func hidden(_ word: Substring) -> String {
    guard let at = word.lastIndex(of: "@") else { return String(word) }
    if let scheme = word[..<at].firstRange(of: "://") { return word[..<scheme.upperBound] + "***" + word[at...] }
    // Without a scheme only a colon tells a password from a name such as `unit@1.service`.
    return word[..<at].utf8.contains(UInt8(ascii: ":")) ? "***" + word[at...] : String(word)
  }
}
