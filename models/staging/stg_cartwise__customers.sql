{{ cartwise.input_select('customers') }}
