{{ cartwise.input_select('products') }}
