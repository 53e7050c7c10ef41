{{ cartwise.input_select('order_lines') }}
