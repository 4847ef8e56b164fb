/// A JSON value as TUF metadata uses it: numbers are 64-bit integers, object keys are unique.
public enum JSONValue: Sendable, Equatable {
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

extension Dictionary where Key == String {
  /// The value under exactly these bytes. Swift takes canonically equivalent strings for equal; names in metadata are
  /// compared by their bytes.
  func value(of key: String) -> Value? {
    guard let index = index(forKey: key), keys[index].utf8.elementsEqual(key.utf8) else { return nil }
    return values[index]
  }
}

extension String {
  /// Order by UTF-8 bytes, which is the order by code points.
  static func precedesByBytes(_ one: String, _ other: String) -> Bool {
    one.utf8.lexicographicallyPrecedes(other.utf8)
  }
}
