/// A JSON value as TUF metadata uses it: numbers are 64-bit integers, object keys are unique.
public enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The member `key` of an object; nil for a missing key and for anything but an object. Setting nil removes it.
  public subscript(key: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.value(of: key)
    }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  public var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
}

extension JSONValue: Equatable {
  /// By the bytes of strings and keys: what is signed differs where they do, canonically equivalent or not.
  public static func == (one: JSONValue, other: JSONValue) -> Bool {
    switch (one, other) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.string(let a), .string(let b)): a.isExactly(b)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a.count == b.count && a.allSatisfy { b.value(of: $0.key) == $0.value }
    default: false
    }
  }
}

extension Dictionary where Key == String {
  /// The value under exactly these bytes. Swift takes canonically equivalent strings for equal; names in metadata are
  /// compared by their bytes.
  func value(of key: String) -> Value? {
    guard let index = index(forKey: key), keys[index].isExactly(key) else { return nil }
    return values[index]
  }
}

extension String {
  /// The same bytes; Swift's `==` asks for canonical equivalence.
  func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

  /// Order by UTF-8 bytes, which is the order by code points.
  static func precedesByBytes(_ one: String, _ other: String) -> Bool {
    one.utf8.lexicographicallyPrecedes(other.utf8)
  }
}
