import FoundationEssentials

/// A JSON document of Slipway's: `schema` names its kind and version, `requires` the keys a reader must know.
public protocol Document: Codable, Sendable {
  /// For example "slipway.product/1".
  static var schema: String { get }
  /// Paths of all keys that this program understands, array indices left out: `services.probe.http.url`.
  static var knownKeys: Set<String> { get }
}

extension Document {
  /// Reads a document. Unknown keys are ignored, unless `requires` lists one.
  ///
  /// - Throws: `.unsupported` for another schema or an unknown key that is required, `.malformed`, or `.invalid`.
  public init(parsing bytes: [UInt8]) throws(ProductError) {
    let data = Data(bytes)
    let decoder = JSONDecoder()
    do {
      let header = try decoder.decode(DocumentHeader.self, from: data)
      guard header.schema == Self.schema else {
        throw ProductError(
          .unsupported, key: "schema", value: header.schema, allowed: "this program reads \(Self.schema)")
      }
      for key in header.requires ?? [] where !Self.knownKeys.contains(key) {
        throw ProductError(
          .unsupported, key: "requires", value: key,
          allowed: "this program does not know the key; update slipway first")
      }
      self = try decoder.decode(Self.self, from: data)
    } catch let error as ProductError {
      throw error
    } catch let error as DecodingError {
      throw ProductError(decoding: error, of: Self.schema)
    } catch {
      throw ProductError(.malformed, key: "", value: "\(error)", allowed: "a \(Self.schema) document")
    }
  }

  /// The document's bytes: compact, keys sorted, so that equal values have equal bytes.
  ///
  /// - Throws: `.malformed` when a value has no JSON form.
  public func encoded() throws(ProductError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self))
    } catch {
      throw ProductError(.malformed, key: "", value: "\(error)", allowed: "values that JSON can hold")
    }
  }
}

private struct DocumentHeader: Decodable {
  let schema: String
  let requires: [String]?
}

extension ProductError {
  init(decoding error: DecodingError, of schema: String) {
    switch error {
    case .keyNotFound(let key, let context):
      let place = (context.codingPath + [key]).place
      self.init(.malformed, key: place, value: "(absent)", allowed: "\(schema) needs this key")
    case .typeMismatch(let type, let context):
      self.init(.malformed, key: context.codingPath.place, value: "(another type)", allowed: "a value of type \(type)")
    case .valueNotFound(let type, let context):
      self.init(.malformed, key: context.codingPath.place, value: "null", allowed: "a value of type \(type)")
    case .dataCorrupted(let context):
      self.init(.malformed, key: context.codingPath.place, value: context.debugDescription, allowed: "valid JSON")
    @unknown default:
      self.init(.malformed, key: "", value: "\(error)", allowed: "a \(schema) document")
    }
  }
}
