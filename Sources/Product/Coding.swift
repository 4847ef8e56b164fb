extension Decoder {
  /// Decodes a string and makes a checked value of it; a refused string names the place in the document.
  func text<Value>(_ make: (String) throws(ProductError) -> Value) throws -> Value {
    let text = try singleValueContainer().decode(String.self)
    do throws(ProductError) {
      return try make(text)
    } catch {
      throw ProductError(error.code, key: codingPath.place, value: error.value, allowed: error.allowed)
    }
  }
}

extension Encoder {
  func encode(text: String) throws {
    var container = singleValueContainer()
    try container.encode(text)
  }
}

extension KeyedDecodingContainer {
  /// The value of a key, or what an absent key stands for.
  func value<Value: Decodable>(_ key: Key, or fallback: Value) throws -> Value {
    try decodeIfPresent(Value.self, forKey: key) ?? fallback
  }
}

extension [any CodingKey] {
  /// The path as people write it: `services[0].user`.
  var place: String {
    reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }
}
