package main

import "encoding/json"

// anyObject reads the properties of a function's inputs or outputs, which the
// published schema wraps in an object and the shorter form does not.
type anyObject struct {
	properties map[string]property
	required   []string
}

// UnmarshalJSON takes either form.
func (o *anyObject) UnmarshalJSON(b []byte) error {
	var probe map[string]json.RawMessage
	if err := json.Unmarshal(b, &probe); err != nil {
		return err
	}
	var wrapped object
	if _, ok := probe["properties"]; ok && json.Unmarshal(b, &wrapped) == nil {
		o.properties, o.required = wrapped.Properties, wrapped.Required
		return nil
	}
	return json.Unmarshal(b, &o.properties)
}
