{{ cartwise.input_select('refunds') }}
