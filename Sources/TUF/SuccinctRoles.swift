import Cryptography

/// Hash bins in the succinct form of TAP 15: 2^`bitLength` roles that share keys and threshold, each trusted for the
/// target paths whose SHA-256 begins with the bits of its number.
public struct SuccinctRoles: Sendable, Equatable {
  public let authority: Authority
  /// 1 to 32.
  public let bitLength: Int
  /// What the roles' names begin with, before "-" and the number.
  public let namePrefix: String

  init(_ fields: Fields, keys: [String: Key]) throws(TUFError) {
    authority = try Authority(fields, keys: keys)
    bitLength = try fields.integer("bit_length", atLeast: 1)
    guard bitLength <= 32 else { throw TUFError(.malformed, "succinct roles: \"bit_length\" is more than 32") }
    namePrefix = try fields.string("name_prefix")
    try RoleName.check(name(of: 0))
  }

  /// The one bin for `path`; nil only if no digest can be made.
  func delegation(for path: String) -> Delegation? { Self.number(of: path, bitLength: bitLength).map(delegation) }

  /// The bin called `name`, if it is one.
  func delegation(named name: String) -> Delegation? {
    guard name.hasPrefix(namePrefix + "-") else { return nil }
    let digits = name.utf8.dropFirst(namePrefix.utf8.count + 1)
    guard digits.count == digitCount, let number = UInt32(String(Substring(digits)), radix: 16),
      UInt64(number) < 1 << UInt64(bitLength)
    else { return nil }
    let delegation = delegation(number)
    return delegation.name.utf8.elementsEqual(name.utf8) ? delegation : nil
  }

  /// Of a bin, no other role can have anything to say: the search ends with it.
  private func delegation(_ number: UInt32) -> Delegation {
    Delegation(
      name: name(of: number), authority: authority, isTerminating: true,
      scope: .hashBin(number: number, bitLength: bitLength))
  }

  private var digitCount: Int { (bitLength + 3) / 4 }

  private func name(of number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return namePrefix + "-" + String(repeating: "0", count: digitCount - digits.count) + digits
  }

  /// The first `bitLength` bits of the path's SHA-256.
  static func number(of path: String, bitLength: Int) -> UInt32? {
    guard let digest = try? sha256(Array(path.utf8)).bytes.prefix(4) else { return nil }
    return digest.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } >> UInt32(32 - bitLength)
  }
}
